import { describe, expect, it } from 'vitest';
import { callEventSchemas } from '../src/call-event-schema.ts';
import { closeCodes } from '../src/close-codes.ts';
import { errorCodes } from '../src/error-codes.ts';
import { decodeFrame } from '../src/frame-codec.ts';
import { frameFlags, tracks } from '../src/frame-header.ts';
import { limits } from '../src/limits.ts';
import { mediaCommandSchemas } from '../src/media-command-schema.ts';
import { paths, subprotocols } from '../src/subprotocols.ts';
import { refusalStatuses } from '../src/upgrade-refusal.ts';
import { endReason } from '../src/wire-values.ts';
import { fences, protocolText, section, table } from './protocol-text.ts';
import { fieldsOf, jsonSchemaOf, type Side, type SocketName, wireSockets } from './wire-sockets.ts';

const sides = (['control', 'media', 'phone', 'monitor'] as const).flatMap((socket) =>
  (['client', 'switch'] as const).map((side) => ({ socket, side, ...wireSockets[socket][side] })),
);

describe('the tables of PROTOCOL.md', () => {
  it('give the limits', () => {
    const rows = table('name', section('10.3')).map(([name, value]) => [name, Number(value?.replaceAll(',', ''))]);
    expect(rows).toEqual(Object.entries(limits));
  });

  it('give the error codes and their meaning', () => {
    expect(table('code', section('10.1'))).toEqual(Object.entries(errorCodes));
  });

  it('give the close codes', () => {
    const rows = Object.entries(closeCodes).map(([name, { code, retry, reason }]) => [
      String(code),
      name,
      retry ? 'yes' : 'no',
      reason,
    ]);
    expect(table('code', section('10.2'))).toEqual(rows);
  });

  it('give the HTTP statuses of refusals', () => {
    const rows = table('code', section('2 Connecting')).map(([code, status]) => [code, Number(status)]);
    expect(rows).toEqual(Object.entries(refusalStatuses));
  });

  it('give path and subprotocol of each socket', () => {
    const rows = table('socket', section('2 Connecting')).map(([socket, path, name]) => [socket, path, name]);
    expect(rows).toEqual(
      Object.entries(subprotocols).map(([socket, name]) => [socket, paths[socket as SocketName], name]),
    );
  });

  it('give the track numbers and flag bits of binary messages', () => {
    const numbers = (rows: readonly (readonly string[])[]) => rows.map(([name, value]) => [name, Number(value)]);
    expect(numbers(table('track', section('7.1')))).toEqual(Object.entries(tracks));
    expect(numbers(table('flag', section('7.1')))).toEqual(Object.entries(frameFlags));
  });

  it('give every command with its arguments', () => {
    const rows = table('command', section('5 Commands')).map(([command, , , fields = '']) => [command, fields]);
    const expected = Object.entries(mediaCommandSchemas).map(([command, schema]) => [
      command,
      fieldsOf(jsonSchemaOf(schema))
        .filter((field) => field !== 'id')
        .join(', '),
    ]);
    expect(rows).toEqual(expected);
  });

  it('give every event with its fields', () => {
    const rows = table('event', section('6 Events')).map(([event, fields = '']) => [
      event,
      fields.replaceAll(/ \(\w+\)/g, ''),
    ]);
    const expected = Object.entries(callEventSchemas).map(([event, schema]) => [
      event,
      fieldsOf(jsonSchemaOf(schema))
        .filter((field) => field !== 'atMs')
        .join(', '),
    ]);
    expect(rows).toEqual(expected);
  });

  it('give every reason for an end', () => {
    const { enum: reasons } = jsonSchemaOf(endReason) as { readonly enum: readonly string[] };
    expect(table('reason', section('6 Events')).map(([reason]) => reason)).toEqual(reasons);
  });

  it('name only errors that exist in the table of commands', () => {
    const named = [...section('5 Commands').matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code = '']) => code);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((code) => !(code in errorCodes))).toEqual([]);
  });
});

describe('the sections of PROTOCOL.md', () => {
  const chapters: Readonly<Record<SocketName, readonly string[]>> = {
    control: [section('1.1'), section('3 Control')],
    media: [section('1.1'), section('4 Media'), section('5 Commands')],
    phone: [section('1.1'), section('8 Phone')],
    monitor: [section('1.1'), section('9 Monitor')],
  };

  const messages = sides.flatMap(({ socket, side, schemas }) =>
    Object.entries(schemas).map(([type, schema]) => ({ socket, side, type, schema })),
  );
  it.each(messages)(
    'describe every field of $type from the $side on the $socket socket',
    ({ socket, type, schema }) => {
      const chapter = chapters[socket].find((text) => text.includes(`#### \`${type}\`\n`)) ?? '';
      const described = section(`\`${type}\``, chapter);
      const fields = fieldsOf(jsonSchemaOf(schema));
      expect(fields.filter((field) => !described.includes(`\`${field}\``))).toEqual([]);
    },
  );

  it('number their rules one by one', () => {
    const rules = [...protocolText.matchAll(/^- \*\*([A-Z])-(\d\d)\*\* /gm)].map(([, letter = '', number]) => [
      letter,
      Number(number),
    ]);
    const counts = new Map<unknown, number>();
    const expected = rules.map(([letter]) => {
      const number = (counts.get(letter) ?? 0) + 1;
      counts.set(letter, number);
      return [letter, number];
    });
    expect(rules.length).toBeGreaterThan(80);
    expect(rules).toEqual(expected);
  });

  it('refer only to rules that exist', () => {
    const defined = new Set([...protocolText.matchAll(/^- \*\*([A-Z]-\d\d)\*\* /gm)].map(([, rule]) => rule));
    const referred = [...protocolText.matchAll(/\b[A-Z]-\d\d\b/g)].map(([rule]) => rule);
    expect(referred.filter((rule) => !defined.has(rule))).toEqual([]);
  });

  it('link only to headings that exist', () => {
    const anchors = new Set(
      [...protocolText.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    const links = [...protocolText.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  });
});

describe('the examples of PROTOCOL.md', () => {
  const examples = fences('json').flatMap(({ info: [, socket, side], lines }) =>
    lines.map((line) => ({ socket: socket as SocketName, side: side as Side, line })),
  );

  it.each(examples)('$socket $side $line', ({ socket, side, line }) => {
    expect(wireSockets[socket][side].decode(line)).toStrictEqual(JSON.parse(line));
  });

  it.each(sides)('show every message from the $side on the $socket socket', ({ socket, side, schemas }) => {
    const shown = examples
      .filter((example) => example.socket === socket && example.side === side)
      .map(({ line }) => (JSON.parse(line) as { readonly type: string }).type);
    const types = Object.keys(schemas).filter((type) => type !== 'ping' && type !== 'pong');
    expect(types.filter((type) => !shown.includes(type))).toEqual([]);
  });

  it('include a binary message that decodes to what is said of it', () => {
    const hex = /For example `([0-9A-F ]+)`/.exec(section('7.1'))?.[1]?.replaceAll(' ', '') ?? '';
    const { header, samples } = decodeFrame(new Uint8Array(Buffer.from(hex, 'hex')));
    expect(header).toEqual({ track: tracks.agent, generation: 1, flags: frameFlags.endOfTrack, position: 24_000 });
    expect([...samples]).toEqual([1, -1]);
  });
});
