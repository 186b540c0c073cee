/** How the person types the command: in the AgenTao repository it runs as a script of pnpm, elsewhere it is on the path or in npx. */
export function commandName(env: NodeJS.ProcessEnv = process.env): string {
  const isRepository = env['npm_lifecycle_event'] !== undefined && env['npm_package_name'] === 'agentao';
  return isRepository ? 'npx -y pnpm@10 agentao' : 'agentao';
}
