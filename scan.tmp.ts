import { createScanner } from './src/analysis/security/scan-file.ts';
import { scanRepository } from './src/analysis/security/scan-repository.ts';
import { systemClock } from './src/base/clock.ts';
const [,, root, threshold = 'medium', types='sast'] = process.argv;
const t = performance.now();
const r = await scanRepository({ root, top: root, types: types.split(','), threshold, signal: new AbortController().signal, clock: systemClock, concurrency: 2, scan: createScanner(import.meta.url, systemClock), onProgress: () => {} } as never);
for (const f of r.findings) console.log(`${f.severity[0]}${f.confidence[0]} ${f.ruleId} ${f.file}:${f.startLine}`);
console.log(`# ${root} ${r.findings.length} findings, ${r.scannedFiles} files, ${((performance.now()-t)/1000).toFixed(1)} s`, r.notAnalyzed ?? '', r.skipped.length);
