import { SAST_RULES } from './src/analysis/security/sast/rule-list.ts';
import { execSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
const [,, root, ext, lang] = process.argv;
const files = execSync(`find ${root} -name '*.${ext}'`).toString().trim().split('\n').map(f => readFileSync(f,'utf8'));
let any=0; const only=new Map<string,number>(); const all=new Map<string,number>(); let bytes=0, pb=0;
const cost=new Map<string,number>();
for (const t of files){ bytes+=t.length; const m=SAST_RULES.filter(r=>{const s=performance.now(); const v=r.languages[lang as never]?.hint.test(t); cost.set(r.id,(cost.get(r.id)??0)+performance.now()-s); return v;}).map(r=>r.id); if(m.length){any++;pb+=t.length} if(m.length===1) only.set(m[0]!,(only.get(m[0]!)??0)+1); for(const x of m) all.set(x,(all.get(x)??0)+1);}
console.log(files.length, any, (pb/bytes).toFixed(2), [...cost.values()].reduce((a,b)=>a+b,0).toFixed(0)+'ms'); console.log([...all].sort((a,b)=>b[1]-a[1]).slice(0,12).join(' ')); console.log('cost',[...cost].sort((a,b)=>b[1]-a[1]).slice(0,6).map(([a,b])=>a+' '+b.toFixed(0)).join(', '));
