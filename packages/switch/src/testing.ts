export type { Ear, HeardRange } from './testing/ear.ts';
export type { Phone, PhoneEvent, PhoneOptions } from './testing/scripted-phone.ts';
export { createScriptedPhones, type ScriptedPhones } from './testing/scripted-phones.ts';
export { createMemoryRecords, type MemoryRecording, type MemoryRecords } from './testing/memory-records.ts';
