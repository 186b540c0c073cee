const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Whether an object somewhere in a JSON text has a key twice; `JSON.parse` does not tell. */
export function hasRepeatedKey(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let key: string | undefined;
  for (const [part] of text.matchAll(token)) {
    if (part === '{') open.push(new Set());
    else if (part === '[') open.push(undefined);
    else if (part === '}' || part === ']') open.pop();
    else if (part === ':' && key !== undefined) {
      const keys = open.at(-1);
      if (keys?.has(key)) return true;
      keys?.add(key);
    }
    key = part.startsWith('"') ? part : undefined;
  }
  return false;
}
