import type { MediaRateHz } from '@agentao/protocol';
import type { ProductionOptions, SandboxOptions } from './config-options.ts';
import { checkBaseUrl, checkSampleRate, checkText, invalidConfig } from './config-checks.ts';
import { createLineLogger } from './line-logger.ts';

/** Environment variables, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says. */
export type EnvOptions =
  | { readonly mode: 'sandbox'; readonly options: SandboxOptions }
  | { readonly mode: 'production'; readonly options: ProductionOptions };

/** Reads the `AGENTAO_` variables; an empty one counts as missing. Throws one `INVALID_CONFIG` that names all that is missing. */
export function optionsFromEnv(env: Environment): EnvOptions {
  const missing: string[] = [];
  const optional = (name: string): string | undefined => env[`AGENTAO_${name}`] || undefined;
  const required = (name: string): string => {
    const value = optional(name);
    if (value === undefined) missing.push(`AGENTAO_${name}`);
    return value ?? '';
  };
  const mode = optional('MODE') ?? 'sandbox';
  const rate = optional('SAMPLE_RATE');
  const level = optional('LOG');
  const common = {
    ...(rate === undefined ? {} : { sampleRate: Number(rate) as MediaRateHz }),
    ...(level === undefined
      ? {}
      : { logger: createLineLogger(level, (line) => void process.stderr.write(`${line}\n`)) }),
  };
  let read: EnvOptions;
  if (mode === 'sandbox') {
    const options = { ...common, apiKey: required('API_KEY'), connectorUuid: required('CONNECTOR_UUID') };
    const baseUrl = optional('BASE_URL');
    read = { mode, options: baseUrl === undefined ? options : { ...options, baseUrl } };
  } else if (mode === 'production') {
    const paths = { certPath: required('CERT_PATH'), keyPath: required('KEY_PATH'), baseUrl: required('BASE_URL') };
    const caPath = optional('CA_PATH');
    const connectorUuid = optional('CONNECTOR_UUID');
    read = {
      mode,
      options: {
        ...common,
        ...paths,
        ...(caPath === undefined ? {} : { caPath }),
        ...(connectorUuid === undefined ? {} : { connectorUuid }),
      },
    };
  } else {
    throw invalidConfig('AGENTAO_MODE must be sandbox or production');
  }
  if (missing.length > 0) throw invalidConfig(`missing in the environment: ${missing.join(', ')}`);
  // What is wrong with a variable is said of the variable, and not of the option that it becomes.
  if (rate !== undefined) checkSampleRate('AGENTAO_SAMPLE_RATE', Number(rate));
  const { baseUrl, connectorUuid } = read.options;
  if (baseUrl !== undefined) checkBaseUrl('AGENTAO_BASE_URL', baseUrl, read.mode);
  if (connectorUuid !== undefined) checkText('AGENTAO_CONNECTOR_UUID', connectorUuid);
  if (read.mode === 'sandbox') checkText('AGENTAO_API_KEY', read.options.apiKey);
  return read;
}
