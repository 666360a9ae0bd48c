/** How files of the images begin that models are shown; a host may end the conversation over any other. */
const FORMS: Readonly<Record<string, RegExp>> = {
  'image/png': /^\x89PNG/,
  'image/jpeg': /^\xff\xd8\xff/,
  'image/gif': /^GIF8[79]a/,
  'image/webp': /^RIFF.{4}WEBP/s,
};

/** Whether images of a type can be shown to a model at all. */
export function isShown(mediaType: string): boolean {
  return Object.hasOwn(FORMS, mediaType);
}

/** What an image is by its own bytes, as hosts refuse one that is not what it is said to be. */
export function imageTypeOf(data: Buffer): string | undefined {
  const start = data.toString('latin1', 0, 12);
  return Object.keys(FORMS).find((type) => FORMS[type]?.test(start));
}
