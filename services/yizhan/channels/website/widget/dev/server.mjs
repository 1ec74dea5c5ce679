// A gateway with one shop in it, for looking at the widget: node dev/server.mjs [port]
// Words in a message bring out every kind of answer; see REPLIES. Not for production: it forgets and checks nothing.
//   DEV_WITHOUT_SOCKET=1  refuses WebSocket, so that the widget falls back to the event stream
//   DEV_WITHOUT_STREAM=1  refuses the event stream, too, so that it falls back to the long poll
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { accept } from './socket.mjs';

const PORT = Number(process.argv[2] ?? 8417);
const STATIC = new URL('../../static/', import.meta.url);
const LIMITS = { text_chars: 4000, file_bytes: 20 << 20, image_bytes: 10 << 20, sends_per_minute: 30 };
const ACCOUNT = { name: '山居生活', locale: 'zh-CN', color: '' };

const visitors = new Map();
const files = new Map();

class Visitor {
  messages = [];
  state = 'bot';
  agent = null;
  listeners = new Set();

  constructor(id) {
    this.id = id;
  }

  add(author, content, client_id) {
    const message = {
      seq: this.messages.length + 1,
      id: randomUUID(),
      ...(client_id ? { client_id } : {}),
      author,
      content,
      sent_at: new Date().toISOString(),
      session: 1,
    };
    this.messages.push(message);
    this.tell({ type: 'message', message });
    return message;
  }

  change(state, agent = null) {
    this.state = state;
    this.agent = agent;
    this.tell({ type: 'state', state, agent });
  }

  tell(frame) {
    for (const listener of this.listeners) listener(frame);
  }

  send(client_id, content) {
    const known = this.messages.find((message) => message.client_id === client_id);
    const message = known ?? this.add({ kind: 'customer', name: '' }, content, client_id);
    if (!known) setTimeout(() => answer(this, content), 500);
    return { type: 'accepted', client_id, message_id: message.id, received_at: message.sent_at };
  }
}

const BOT = { kind: 'bot', name: '' };
const AGENT = { kind: 'agent', name: '林晓月' };
const goods = (id, title, price_minor, url = '') => ({
  goods_id: id,
  title,
  price_minor,
  currency: 'CNY',
  image_url: '',
  url,
});
const POT = goods('p1', '山居多功能养生壶 1.5L 高硼硅玻璃 12 小时预约保温', 25900, 'https://shop.example/p1');
const ago = (hours) => new Date(Date.now() - hours * 3_600_000).toISOString();

const REPLIES = [
  [
    /菜单|menu/i,
    {
      type: 'menu',
      menu_id: `clarify:${Date.now()}`,
      prompt: '您想了解的是以下哪个问题？',
      options: [
        { id: 'e1', label: '收到的商品有质量问题，怎么申请换货？' },
        { id: 'e2', label: '七天无理由退货需要什么条件？' },
        { id: 'human', label: '都不是，转人工客服' },
      ],
    },
  ],
  [
    /评价|rate/i,
    () => ({
      type: 'menu',
      menu_id: `rating:${Date.now()}`,
      prompt: '请为本次服务打分',
      options: [1, 2, 3, 4, 5].map((n) => ({ id: String(n), label: `${n} 分` })),
    }),
  ],
  [/商品|goods/i, { type: 'goods', ...POT }],
  [
    /订单|order/i,
    {
      type: 'order',
      order_id: '202601050318',
      status: '已发货',
      goods: [POT, goods('t1', '明前龙井 2026 新茶 一级 50g 罐装', 12800)],
      total_minor: 38700,
      currency: 'CNY',
      url: 'https://shop.example/o',
    },
  ],
  [
    /物流|parcel/i,
    {
      type: 'logistics',
      order_id: '202601050318',
      carrier: '顺丰速运',
      tracking_number: 'SF1408 2233 9012',
      steps: [
        { at: ago(30), text: '【佛山市】快件已揽收' },
        { at: ago(20), text: '【广州市】已离开广州白云集散中心，发往上海' },
        { at: ago(6), text: '【上海市】到达上海青浦中转场' },
        { at: ago(1), text: '【上海市】派送中，快递员 王师傅 正在为您派件' },
      ],
      url: 'https://shop.example/l',
    },
  ],
  [
    /退款|refund/i,
    {
      type: 'refund',
      refund_id: 'R20260105',
      order_id: '202601050318',
      status: '退款中',
      amount_minor: 12800,
      currency: 'CNY',
      url: '',
    },
  ],
  [
    /链接|link/i,
    {
      type: 'link',
      url: 'https://shop.example/guide',
      title: '养生壶除垢指南',
      description: '三步去除水垢：白醋、柠檬酸与清洗剂的用量、时间和注意事项。',
    },
  ],
  [/图片|picture/i, null],
];

function answer(visitor, content) {
  const text = content.text ?? content.label ?? '';
  if (content.type === 'choice' && content.menu_id.startsWith('rating:')) {
    visitor.add({ kind: 'system', name: '' }, { type: 'event', code: 'rated', text: '感谢您的评价，会话已结束' });
    return visitor.change('closed');
  }
  if (/人工|person|human/i.test(text) || content.option_id === 'human') return handOff(visitor);
  for (const [pattern, reply] of REPLIES) {
    if (!pattern.test(text)) continue;
    if (reply === null) return visitor.add(BOT, { type: 'image', media: sample() });
    return visitor.add(BOT, typeof reply === 'function' ? reply() : reply);
  }
  const author = visitor.state === 'assigned' ? AGENT : BOT;
  visitor.tell({ type: 'typing', author });
  setTimeout(() => visitor.add(author, { type: 'text', text: reply(content, text) }), 900);
}

function reply(content, text) {
  if (content.type === 'image') return '图片收到了，我看一下，请稍等。';
  if (content.type === 'file') return '文件已收到，谢谢。';
  if (/水垢|scale/i.test(text)) {
    return '水壶用久了有水垢是正常现象。\n1. 加水至最高水位，放入 20 克食用柠檬酸\n2. 烧开后静置 20 分钟，倒掉\n3. 再用清水烧开两遍即可\n图文步骤：https://shop.example/guide，欢迎查看。';
  }
  return `您说的是“${text.slice(0, 60)}”，我已记录。请问还有什么可以帮您？`;
}

function handOff(visitor) {
  visitor.add(
    { kind: 'system', name: '' },
    { type: 'event', code: 'queued', text: '正在为您转接人工客服，您前面还有 1 位，预计等待 1 分钟' },
  );
  visitor.change('queued');
  setTimeout(() => {
    visitor.change('assigned', { name: AGENT.name });
    visitor.add({ kind: 'system', name: '' }, { type: 'event', code: 'agent_joined', text: '客服 林晓月 已接入' });
    visitor.tell({ type: 'typing', author: AGENT });
    setTimeout(
      () =>
        visitor.add(AGENT, {
          type: 'text',
          text: '您好，我是客服林晓月，前面的对话我已经看过了，请问壶是在保修期内吗？',
        }),
      1200,
    );
  }, 1200);
}

function sample() {
  const body = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="420"><defs><linearGradient id="a" x2="0" y2="1"><stop stop-color="#dfe9e6"/><stop offset="1" stop-color="#b9d0c9"/></linearGradient></defs><rect width="640" height="420" fill="url(#a)"/><rect y="320" width="640" height="100" fill="#8aa59c"/><path d="M230 330V170q0-50 60-50h60q60 0 60 50v160q0 20-20 20H250q-20 0-20-20Z" fill="#2b3a37"/><path d="M410 190q70 0 70 60t-70 60" fill="none" stroke="#2b3a37" stroke-width="22"/><rect x="286" y="96" width="68" height="26" rx="10" fill="#1b2523"/><path d="M300 70q12-18 0-34M330 70q12-18 0-34" stroke="#fff" stroke-width="7" fill="none" opacity=".7"/></svg>',
  );
  return store(body, 'image/svg+xml', '养生壶.png', 640, 420);
}

POT.image_url = sample().url;

function store(body, mime, name, width = 0, height = 0) {
  const id = createHash('sha256').update(body).digest('hex');
  files.set(id, { body, mime, name });
  return { id, mime, name, size: body.length, width, height, url: `/media/${id}` };
}

/** Width and height of a PNG, which is all that the dev server is asked to measure. */
function sizeOf(body) {
  return body.toString('latin1', 1, 4) === 'PNG' ? [body.readUInt32BE(16), body.readUInt32BE(20)] : [0, 0];
}

const problem = (status, code) => [status, { type: 'about:blank', title: code, status, code }];

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function byToken(request) {
  return visitors.get((request.headers.authorization ?? '').replace('Bearer ', ''));
}

function openSession(body) {
  const token = visitors.has(body.token) ? body.token : randomUUID();
  if (!visitors.has(token)) visitors.set(token, new Visitor(`v:${token}`));
  const visitor = visitors.get(token);
  return {
    token,
    visitor_id: visitor.id,
    head: visitor.messages.length,
    expires_at: ago(-720),
    account: ACCOUNT,
    limits: LIMITS,
  };
}

async function slice(visitor, query) {
  const number = (name, otherwise) => Number(query.get(name) ?? otherwise);
  const limit = number('limit', 50);
  const all = visitor.messages;
  if (query.has('before')) {
    const found = all.filter((message) => message.seq < number('before', 0));
    return { messages: found.slice(-limit), head: all.length, more: found.length > limit };
  }
  const after = number('after', 0);
  if (all.length <= after && number('wait', 0) > 0) {
    await new Promise((resolve) => {
      const done = (frame) => {
        if (frame && frame.type !== 'message') return;
        visitor.listeners.delete(done);
        resolve();
      };
      visitor.listeners.add(done);
      setTimeout(done, number('wait', 0) * 1000);
    });
  }
  const found = all.filter((message) => message.seq > after);
  return {
    messages: found.slice(0, limit),
    head: all.length,
    more: found.length > limit,
    state: visitor.state,
    agent: visitor.agent,
  };
}

const ready = (visitor) => ({
  type: 'ready',
  head: visitor.messages.length,
  state: visitor.state,
  agent: visitor.agent,
  ping_seconds: 25,
});

async function website(request, response, url) {
  const path = url.pathname.replace(/^\/website\/[^/]+/, '');
  if (path === '/session') return [200, openSession(JSON.parse(await bodyOf(request)))];
  const visitor = byToken(request);
  if (!visitor) return problem(401, 'token_invalid');
  if (path === '/messages' && request.method === 'GET') return [200, await slice(visitor, url.searchParams)];
  if (path === '/messages') {
    const { client_id, content } = JSON.parse(await bodyOf(request));
    if (/失败|fail/.test(content.text ?? '')) return problem(422, 'refused');
    return [202, visitor.send(client_id, withFile(content))];
  }
  if (path === '/media') return [201, { media: await uploaded(request) }];
  if (path === '/events') {
    if (process.env.DEV_WITHOUT_STREAM) return problem(503, 'unavailable');
    stream(request, response, visitor, Number(url.searchParams.get('after') ?? 0));
    return null;
  }
  return [204, null];
}

async function uploaded(request) {
  const body = await bodyOf(request);
  const start = body.indexOf('\r\n\r\n') + 4;
  const boundary = /boundary=(.*)$/.exec(request.headers['content-type'])[1];
  const head = body.toString('utf8', 0, start);
  const content = body.subarray(start, body.lastIndexOf(`\r\n--${boundary}`));
  const name = /filename="([^"]*)"/.exec(head)?.[1] ?? '';
  const mime = /Content-Type: (\S+)/i.exec(head)?.[1] ?? 'application/octet-stream';
  return store(content, mime, name, ...sizeOf(content));
}

function stream(request, response, visitor, after) {
  response.writeHead(200, { ...CORS, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  const write = (frame) => {
    if (frame.type === 'message') response.write(`id: ${frame.message.seq}\n`);
    response.write(`data: ${JSON.stringify(frame)}\n\n`);
  };
  write(ready(visitor));
  visitor.messages.filter((message) => message.seq > after).forEach((message) => write({ type: 'message', message }));
  visitor.listeners.add(write);
  const alive = setInterval(() => response.write(': alive\n\n'), 15_000);
  request.on('close', () => {
    clearInterval(alive);
    visitor.listeners.delete(write);
  });
}

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'authorization,content-type',
  'Access-Control-Max-Age': '600',
};
const PAGES = {
  '/demo': ['demo.html', 'text/html; charset=utf-8'],
  '/widget.js': ['widget.js', 'text/javascript'],
  '/widget-panel.js': ['widget-panel.js', 'text/javascript'],
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const send = (status, headers, body) => response.writeHead(status, { ...CORS, ...headers }).end(body);
  try {
    if (request.method === 'OPTIONS') return send(204, {});
    const page = PAGES[url.pathname];
    if (page) return send(200, { 'Content-Type': page[1] }, readFileSync(new URL(page[0], STATIC)));
    const file = files.get(url.pathname.replace('/media/', ''));
    if (file) return send(200, { 'Content-Type': file.mime }, file.body);
    if (!url.pathname.startsWith('/website/')) return send(404, {});
    const answered = await website(request, response, url);
    if (answered) send(answered[0], { 'Content-Type': 'application/json' }, answered[1] && JSON.stringify(answered[1]));
  } catch (error) {
    console.error(error);
    if (!response.headersSent) send(500, {});
  }
});

server.on('upgrade', (request, socket) => {
  if (process.env.DEV_WITHOUT_SOCKET) return socket.destroy();
  let visitor = null;
  const link = accept(request, socket, {
    text: (text) => {
      const frame = JSON.parse(text);
      if (frame.type === 'hello') {
        visitor = visitors.get(frame.token);
        if (!visitor) return link.close(4401);
        link.send(ready(visitor));
        visitor.messages.slice(frame.after).forEach((message) => link.send({ type: 'message', message }));
        visitor.listeners.add(link.send);
      } else if (frame.type === 'send') {
        if (/失败|fail/.test(frame.content.text ?? '')) {
          return link.send({
            type: 'refused',
            client_id: frame.client_id,
            problem: { code: 'refused', title: 'refused', retry: false },
          });
        }
        link.send(visitor.send(frame.client_id, withFile(frame.content)));
      } else if (frame.type === 'resync') {
        visitor?.messages.slice(frame.after).forEach((message) => link.send({ type: 'message', message }));
      } else if (frame.type === 'ping') link.send({ type: 'pong' });
      return undefined;
    },
    closed: () => visitor?.listeners.delete(link.send),
  });
});

/** A message carries the id of a file; whoever reads it gets the rest, too. */
function withFile(content) {
  const file = content.media && files.get(content.media.id);
  if (!file) return content;
  const [width, height] = sizeOf(file.body);
  return {
    ...content,
    media: {
      ...content.media,
      mime: file.mime,
      name: file.name ?? '',
      size: file.body.length,
      width,
      height,
      url: `/media/${content.media.id}`,
    },
  };
}

server.listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/demo`));
