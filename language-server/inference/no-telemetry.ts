/**
 * Keeps ONNX Runtime from reporting its use: since 1.30 its builds for Linux and macOS write a device id into the user's
 * cache and send events over the network, unless this variable stands in the environment when the library loads.
 *
 * The library reads the environment of the process; in a worker thread `process.env` is only a copy. So whoever starts
 * a thread or a process in which the library will load says it first.
 */
export function disableRuntimeTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}
