/** A PNG of one red pixel. */
export const RED_PIXEL = {
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC',
  mimeType: 'image/png',
} as const;

/** A WAV file that ends before its first sample: mono, 8,000 samples a second, 8 bits each. */
export const SILENCE = {
  data: 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=',
  mimeType: 'audio/wav',
} as const;
