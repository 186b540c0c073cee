/** A conversation as far as this bench is concerned. */
export interface AudioSession {
  sendAudio(samples: Int16Array): void;
  close(): void;
}
