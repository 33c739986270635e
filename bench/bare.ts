import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';

/** A route of the framework alone, which answers as much as a short query does: what `bench/http.ts` compares with. */
const ANSWER = `{"Results":["${'x'.repeat(500)}"]}`;
const app = Fastify();
app.post('/bare', async (_request, reply) => reply.type('application/json').send(ANSWER));
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(JSON.stringify({ url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` }));
