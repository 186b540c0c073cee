import { AgenTaoClientConfig } from '@agentao/calls';
import { currentWatch } from './current-watch.ts';

// Against a switch that is played by a test no key is ever hashed: it enters here.
const { sandbox } = AgenTaoClientConfig;
AgenTaoClientConfig.sandbox = (options) => {
  currentWatch.secrets.token(options.apiKey);
  return sandbox(options);
};
