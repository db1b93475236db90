/** Which tools a toolset has. */

import type { BrowserOptions, BrowserReadMember } from '../../helpers/browser.js';
import { BROWSER_MEMBERS, DEFAULT_BROWSER_MEMBERS, NAVIGATIONS, READ_ONLY, type BrowserMember } from './members.js';

/** What may be chosen, beside all that a {@link BrowserToolset} is made with. */
export type Choice = BrowserOptions & { confirmReads?: readonly BrowserReadMember[] };

export class Selection {
  /** The chosen ones, in the order of {@link BROWSER_MEMBERS}. */
  readonly names: readonly BrowserMember[];
  /** The methods that the driver had when it was given. */
  readonly methods = new Map<BrowserMember, (args: object, options: object) => unknown>();
  /** Reads that have to be confirmed. */
  readonly guarded: ReadonlySet<unknown>;

  /** @throws {TypeError} One is none, or the driver lacks it, or a function that decides is missing. */
  constructor(driver: unknown, { members, additionalMembers, confirmReads = [], confirm, urlPolicy }: Choice) {
    if (members !== undefined && additionalMembers !== undefined) {
      throw new TypeError('Use either members or additionalMembers, not both.');
    }
    const chosen = new Set<unknown>([...unique(members ?? []), ...unique(additionalMembers ?? [])]);
    if (members === null || additionalMembers === null) unique(null);
    const given = (driver ?? {}) as Record<string, unknown>;
    const has = (name: BrowserMember): boolean => {
      if (name === 'list_tabs') return true;
      const method = given[name];
      if (typeof method === 'function') this.methods.set(name, (...values) => method.call(given, ...values) as unknown);
      return typeof method === 'function';
    };
    this.names = BROWSER_MEMBERS.filter((name) => {
      if (!chosen.has(name)) return members === undefined && DEFAULT_BROWSER_MEMBERS.includes(name) && has(name);
      if (has(name)) return true;
      throw new TypeError('A selected browser member is not implemented by the driver.');
    });
    this.guarded = new Set(unique(confirmReads));
    const isRead = (name: unknown): boolean => READ_ONLY.has(name) || name === 'read_diagnostics';
    const needsConfirm = this.guarded.size > 0 && !confirm;
    if (needsConfirm || ![...this.guarded].every(isRead)) {
      throw new TypeError('confirmReads requires read-only members and a confirm callback.');
    }
    if (![...this.guarded].every((name) => this.names.includes(name as BrowserMember))) {
      throw new TypeError('confirmReads must name an enabled browser read.');
    }
    if (!confirm && !this.names.every((name) => READ_ONLY.has(name))) {
      throw new TypeError('BrowserToolset requires confirm for state-changing members or sensitive reads.');
    }
    if (!urlPolicy && this.names.some((name) => NAVIGATIONS.has(name))) {
      throw new TypeError('BrowserToolset requires urlPolicy for navigation.');
    }
  }
}

function unique(given: unknown): BrowserMember[] {
  const names = Array.isArray(given) ? (given as unknown[]) : [undefined];
  if (names.every((name) => (BROWSER_MEMBERS as unknown[]).includes(name)) && new Set(names).size === names.length) {
    return names as BrowserMember[];
  }
  throw new TypeError('Browser members must be an array of unique fixed member names.');
}
