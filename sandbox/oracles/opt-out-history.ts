/** What a person said on one line of the mapping, oldest first. True: opted out. */
export interface Word {
  readonly side: 'dynamics' | 'campaign';
  readonly optedOut: boolean;
}

/**
 * What a history has to end with, from the rule alone (Bidirectional): the last word is an opt-out, in whichever system, or Campaign's
 * own last word is one: opted out, as only a person takes an opt-out back in Campaign. Nobody ever opted out: opted in. Otherwise
 * (undefined) it depends on which changes met, and both are right.
 */
export function endsOptedOut(words: readonly Word[]): boolean | undefined {
  if (!words.some(({ optedOut }) => optedOut)) return false;
  const inCampaign = words.filter(({ side }) => side === 'campaign');
  return words.at(-1)?.optedOut || inCampaign.at(-1)?.optedOut ? true : undefined;
}
