/** Thrown where a conversion or download is stopped by whoever asked for it. */

export class ConversionCancelled extends Error {
  override readonly name = 'ConversionCancelled';

  constructor() {
    super('The conversion was stopped. The same command goes on where it stopped.');
  }
}
