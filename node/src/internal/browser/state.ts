/** The state that a driver reports, as it is told: only what is declared. */

import type { BrowserObservationV1, BrowserState, BrowserStateChange } from '../../helpers/browser.js';
import { originOf, shown } from './address.js';
import { bytesOf, isSized, isUnicode } from './text.js';

type Members = Record<string, unknown>;
type Tab = BrowserState['tabs'][number];

/** In bytes of UTF-8, of what an observed state tells. */
const ID_BYTES = 128;
const TITLE_BYTES = 1024;
const URL_BYTES = 2048;

/** What a change tells beside its tab: the name of the member, its values, and whether there may be no tab. */
const CHANGES: Record<string, { name?: string; values?: string[]; mayLackTab?: boolean }> = {
  tab_opened: {},
  tab_closed: {},
  tab_switched: {},
  navigation: {},
  navigation_refused: { name: 'reason', values: ['policy', 'unsupported'], mayLackTab: true },
  dialog_dismissed: { name: 'kind', values: ['alert', 'confirm', 'prompt', 'beforeunload', 'other'] },
  download: { name: 'status', values: ['blocked', 'started', 'completed', 'failed'], mayLackTab: true },
};

/** Throws unless something holds. */
export function insist(condition: boolean): asserts condition {
  if (!condition) throw new TypeError('It is not what a driver has to report.');
}

/** The members of an object. @throws {TypeError} It is none. */
export function members(value: unknown): Members {
  insist(typeof value === 'object' && value !== null && !Array.isArray(value));
  return value as Members;
}

/**
 * A state as it is told.
 *
 * @param previous - The observation before, which this one has to go on.
 * @throws {TypeError} It is no state, or no later one.
 */
export function ownState(value: unknown, previous: BrowserObservationV1 | undefined): BrowserState {
  const { tabs: given, observation: observed } = members(value);
  insist(Array.isArray(given));
  const tabs = [...(given as unknown[])].map((tab) => ownTab(tab, observed !== undefined));
  insist(tabs.length === 0 || tabs.filter(({ active }) => active).length === 1);
  insist(new Set(tabs.map(({ id }) => id)).size === tabs.length);
  if (observed === undefined) {
    insist(previous === undefined);
    return { tabs };
  }
  const observation = ownObservation(observed, previous);
  for (const tab of tabs) {
    const kept = cut(tab.title);
    if (kept === tab.title) continue;
    tab.title = kept;
    observation.title_truncated = true;
  }
  return { tabs, observation };
}

function ownTab(value: unknown, isObserved: boolean): Tab {
  const { id, title, url, active } = members(value);
  insist(typeof id === 'string' && typeof title === 'string' && typeof url === 'string' && typeof active === 'boolean');
  if (isObserved) insist(isSized(id, 1, ID_BYTES) && isUnicode(title));
  const told = isObserved ? originOf(url) : shown(url);
  insist(bytesOf(told) <= URL_BYTES);
  return { id, title, url: told, active };
}

/** As much of a title as is told, in whole characters. */
function cut(title: string): string {
  const bytes = new TextEncoder().encode(title);
  if (bytes.length <= TITLE_BYTES) return title;
  let end = TITLE_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

function isCounter(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function ownObservation(value: unknown, previous: BrowserObservationV1 | undefined): BrowserObservationV1 {
  const { version, sequence, dropped_changes: dropped, title_truncated, changes: given } = members(value);
  insist(version === 1 && isCounter(sequence) && isCounter(dropped) && typeof title_truncated === 'boolean');
  insist(Array.isArray(given) && sequence - dropped === given.length);
  const changes = [...(given as unknown[])].map((change, place) => ownChange(change, dropped + place + 1));
  if (previous !== undefined) {
    insist(sequence >= previous.sequence && dropped >= previous.dropped_changes);
    const told = new Map(previous.changes.map((change) => [change.sequence, JSON.stringify(change)]));
    for (const change of changes) insist((told.get(change.sequence) ?? JSON.stringify(change)) === JSON.stringify(change));
  }
  return { version, sequence, dropped_changes: dropped, title_truncated, changes };
}

function ownChange(value: unknown, expected: number): BrowserStateChange {
  const change = members(value);
  const { type, sequence, tab_id } = change;
  insist(typeof type === 'string' && Object.hasOwn(CHANGES, type) && sequence === expected);
  const { name, values = [], mayLackTab = false } = CHANGES[type] ?? {};
  insist((mayLackTab && tab_id === null) || isSized(tab_id, 1, ID_BYTES));
  const own: Members = { type, sequence, tab_id };
  if (name !== undefined) {
    insist(values.includes(change[name] as string));
    own[name] = change[name];
  }
  return own as unknown as BrowserStateChange;
}
