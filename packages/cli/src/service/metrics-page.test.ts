import { readFileSync } from 'node:fs';
import { createVirtualClock } from '@agentao/clock';
import { createSwitch } from '@agentao/switch';
import { createScriptedPhones } from '@agentao/switch/testing';
import { describe, expect, it } from 'vitest';
import { allMetrics, createMetricsPage, prometheusName } from './metrics-page.ts';
import { measureProcess } from './process-metrics.ts';

const page = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');

/** Rows of the tables on the page: name, type, labels, meaning. */
const rows = [...page.matchAll(/^\| `([a-z0-9_]+)` \| (\w+) \| (.*?) \| (.*) \|$/gm)].map(
  ([, name, kind, labels, meaning]) => ({
    name,
    kind,
    labels: [...(labels ?? '').matchAll(/`(\w+)`/g)].map(([, label]) => label),
    meaning,
  }),
);

describe('the metrics', () => {
  it('are documented by the names, types, labels and words that they have, and no others are', () => {
    const real = allMetrics.map((metric) => ({
      name: prometheusName(metric),
      kind: metric.kind,
      labels: [...metric.labels],
      meaning: metric.description,
    }));
    expect(rows).toEqual(real);
  });

  it('are on the page under these names, with these labels alone, and no phone number among them', async () => {
    const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
    const metrics = createMetricsPage();
    const meters = measureProcess(metrics.provider);
    meters.reloads.add(1, { outcome: 'refused' });
    const phones = createScriptedPhones({ clock });
    const sw = createSwitch({
      clock,
      legs: [phones],
      connectors: [{ uuid: 'office', numbers: ['+15559999'], limits: { maxCalls: 1 } }],
      meterProvider: metrics.provider,
    });
    sw.start();
    phones.phone('+15559999', { answerAfterMs: 1_000 });
    phones.phone('+15550001').dial('+15559999');
    phones.phone('+15550002').dial('+15559999');
    phones.phone('+15550003').dial('+15558888');
    sw.onUpgrade({ path: '/stranger', headers: new Map(), subprotocols: [], remoteAddress: '127.0.0.1' });
    await clock.advance(3_000);
    phones.phone('+15550001').hangUp();
    await clock.advance(1_000);
    const { body, headers } = await metrics.read();
    meters.close();
    await sw.close();
    await metrics.close();

    expect(headers?.['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = String(body);
    for (const line of [
      'agentao_calls_total{connector="office",reason="hangup",by="caller"} 1',
      'agentao_calls_active{connector="office"} 0',
      'agentao_calls_refused_total{reason="limit",connector="office"} 1',
      'agentao_calls_refused_total{reason="no_connector"} 1',
      'agentao_call_ring_duration_seconds_sum{connector="office",outcome="answered"} 1',
      'agentao_call_duration_seconds_sum{connector="office"} 3',
      'agentao_connections_refused_total{path="other",code="NOT_FOUND"} 1',
      'agentao_ticks_late_total 0',
      'agentao_tick_lateness_seconds_bucket{le="0.001"} 7',
      'agentao_shedding 0',
      'agentao_config_reloads_total{outcome="refused"} 1',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).not.toContain('1555');
    const known = new Map(allMetrics.map((metric) => [prometheusName(metric), metric]));
    for (const [, name = '', labels = ''] of text.matchAll(/^([a-z_0-9]+)(?:\{(.*)\})? /gm)) {
      const metric = known.get(name) ?? known.get(name.replace(/_(bucket|sum|count)$/, ''));
      expect(metric, name).toBeDefined();
      const shown = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le');
      for (const label of shown) expect(metric?.labels, name).toContain(label);
    }
  });
});
