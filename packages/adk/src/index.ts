export { adkAgent, type AdkAgentOptions } from './adk-agent.ts';
export { adkTools } from './adk-tools.ts';
export { currentCall } from './current-run.ts';
