/** Letters of an id that people see and type: enough to tell them apart in any vault a person can fill. */
export function shortName(id: string): string {
  return id.slice(0, 8);
}
