import { seedOf } from './made_up_scenes.ts';
import type { Picture } from './png_image.ts';

/** A picture of soft waves in two colours that follow from a name: the same name, the same picture. */
export function madeUpPicture(name: string, width: number, height: number): Picture {
  const seed = seedOf(name);
  const rgba = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const part = wave(seed, column / width, row / height);
      for (let band = 0; band < 3; band += 1) {
        const [low = 0, high = 0] = [seed[band], seed[band + 3]];
        rgba[(row * width + column) * 4 + band] = Math.round(low + (high - low) * part);
      }
      rgba[(row * width + column) * 4 + 3] = 255;
    }
  }
  return { width, height, rgba };
}

/** From 0 to 1. */
function wave(seed: Buffer, x: number, y: number): number {
  const [across = 0, down = 0, shift = 0] = seed.subarray(6, 9);
  const phase = (x * (1 + (across % 5)) + y * (1 + (down % 5))) * Math.PI + shift / 40;
  return (Math.sin(phase) + 1) / 2;
}
