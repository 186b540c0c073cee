import { type CloseCodeName, closeCodes } from '@agentao/protocol';

const namesByCode: ReadonlyMap<number, CloseCodeName> = new Map(
  (Object.keys(closeCodes) as CloseCodeName[]).map((name) => [closeCodes[name].code, name]),
);

/** What a close code stands for; codes that are in no table, 1006 among them, count as a fault of the peer (G-09). */
export function closingName(code: number): CloseCodeName {
  return namesByCode.get(code) ?? 'INTERNAL';
}

/** The code with which a page may close for this reason: browsers let pages send 1000 and 3000 to 4999 only. */
export function pageCloseCode(name: CloseCodeName): number {
  const { code } = closeCodes[name];
  return code === closeCodes.NORMAL.code || code >= 3000 ? code : closeCodes.BAD_MESSAGE.code;
}
