/** How the command is typed where this switch runs, as whoever serves the page says in it. */
export const agentaoCommand: string = commandOf(typeof document === 'undefined' ? undefined : document);

function commandOf(page: Document | undefined): string {
  return page?.querySelector<HTMLMetaElement>('meta[name="agentao-command"]')?.content || 'agentao';
}
