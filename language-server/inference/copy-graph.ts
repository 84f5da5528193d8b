/**
 * The smallest graph: `y` is `x`, float32 [1, S, H]. Running it is the one way to read what another graph has left on a
 * device. As bytes, since nothing here makes graphs; `test/inference/copy-graph.test.ts` holds them to what the converter
 * would write.
 */
export const copyGraph: Uint8Array = Buffer.from(
  'CAgSBmNhbmRvcjpcCh4KAXgSAXkaCklkZW50aXR5XzAiCElkZW50aXR5OgASBGNvcHlaGQoBeBIUChIIARIOCgIIAQoDEgFTCgMSAUhiGQoBeRIUChIIARIO' +
    'CgIIAQoDEgFTCgMSAUhCBAoAEBFCEQoNY29tLm1pY3Jvc29mdBAB',
  'base64',
);
