/** An answer that no client could take. */
export class AnswerTooLarge extends Error {
  readonly chars: number;

  constructor(chars: number) {
    super(`an answer of ${chars} characters`);
    this.name = 'AnswerTooLarge';
    this.chars = chars;
  }
}
