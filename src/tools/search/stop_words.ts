/** Words that say nothing of which operation is meant. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about after again all also am an and any anyone anything are as at be because been before being
  but by can could did do does doing done either else ever every for from further give had has have
  having he her here him his how i if in into is it its itself just let like many may me might more
  most much must my need nd no nor not nothing now of on once one only or other our ours out over own
  per please rd same shall she should so some somebody someone something st still such than that the
  their them then there these they thing this those th through to today tomorrow too two under until
  up us very want was way we were what when where whether which while who whom whose why will with
  without would yesterday yet you your`.split(/\s+/),
);
