import { isRehearsal } from './src/analysis/security/secrets/file-flavour.ts';
for (const p of ['src/main/java/org/owasp/benchmark/testcode/BenchmarkTest00001.java','testcode/BenchmarkTest00001.py','examples/os-exec.py','BenchmarkTest00001.java']) console.log(p, isRehearsal(p));
