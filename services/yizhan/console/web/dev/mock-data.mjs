// Plausible data for the mock gateway: no real person, no real business.

const minute = 60_000
const ago = (minutes) => new Date(Date.now() - minutes * minute).toISOString()
const ahead = (minutes) => new Date(Date.now() + minutes * minute).toISOString()

export const users = [
  { id: 'u-lin', username: 'lin', name: '林小满', roles: ['agent', 'admin'], enabled: true, capacity: 5, locale: 'zh-CN' },
  { id: 'u-chen', username: 'chen', name: '陈知行', roles: ['agent'], enabled: true, capacity: 6, locale: 'zh-CN' },
  { id: 'u-zhou', username: 'zhou', name: '周以安', roles: ['agent'], enabled: true, capacity: 4, locale: 'zh-CN' },
  { id: 'u-su', username: 'su', name: '苏禾', roles: ['editor'], enabled: true, capacity: 0, locale: 'zh-CN' },
  { id: 'u-he', username: 'he', name: '何今', roles: ['supervisor'], enabled: true, capacity: 0, locale: 'zh-CN' },
  { id: 'u-gu', username: 'gu.old', name: '顾念', roles: ['agent'], enabled: false, capacity: 5, locale: 'zh-CN' },
]

export const entries = [
  ['return-1', '怎么退货？', ['如何办理退货', '我想退货', '东西不想要了怎么退', '退货流程'], '签收后 7 天内可以无理由退货：打开“我的订单”，选择商品后点“申请退货”，审核通过后会有快递上门取件。\n生鲜、定制类商品除外。', '售后'],
  ['return-2', '退款多久到账？', ['退款什么时候到', '钱多久退回来'], '仓库收到退货并验收后 1 个工作日内原路退款，银行卡到账约需 1 到 3 个工作日。', '售后'],
  ['ship-1', '什么时候发货？', ['多久发货', '今天能发吗'], '现货订单付款后 48 小时内发出，预售商品以页面标注的时间为准。', '物流'],
  ['ship-2', '可以修改收货地址吗？', ['地址填错了', '改地址'], '订单发出前可以在“我的订单 → 修改地址”里自助修改；已经发出的订单请联系人工处理。', '物流'],
  ['ship-3', '发什么快递？', ['用的什么快递', '能发顺丰吗'], '默认发中通或顺丰，偏远地区发邮政。如需指定快递，请在下单时备注。', '物流'],
  ['pay-1', '支持哪些付款方式？', ['可以用微信付吗', '能刷银行卡吗'], '支持微信支付、支付宝和银联卡。', '支付'],
  ['invoice-1', '怎么开发票？', ['能开票吗', '电子发票在哪里下载'], '确认收货后，在“我的订单 → 申请发票”填写抬头，电子发票 24 小时内发到您的邮箱。', '支付'],
  ['member-1', '会员有什么权益？', ['会员折扣', '怎么成为会员'], '累计消费满 500 元自动成为银卡会员，享 95 折和生日礼券；满 2000 元为金卡，享 9 折和优先客服。', '会员'],
  ['account-1', '忘记密码怎么办？', ['密码忘了', '登录不上去'], '在登录页点“忘记密码”，用注册手机号收验证码后重设。', '账号'],
  ['product-1', '保温杯的材质安全吗？', ['内胆是什么材质', '304 还是 316'], '内胆为 316 不锈钢，通过食品接触材料检测，检测报告可在商品详情页查看。', '商品'],
].map(([id, question, paraphrases, answer, category]) => ({ id, question, paraphrases, answer, category }))

export const release = { id: 'r-018f3a7c2b10', number: 12, entries: 486, published_at: ago(26 * 60), published_by: '苏禾', source_name: '售后与物流问答-2026-11.xlsx' }

const text = (words) => ({ type: 'text', text: words })
const grounded = (entry, score) => ({ release_id: release.id, entry_id: entry, score })

/** [author, content, minutes ago, extras] */
const scripts = {
  'c-wang': [
    ['customer', text('你好'), 61],
    ['bot', text('您好，我是小驿，很高兴为您服务。请问有什么可以帮您？'), 61, { receipt: 'read' }],
    ['customer', text('我上周买的保温杯，杯盖有点漏水，能退吗？'), 60],
    ['bot', { type: 'menu', menu_id: 'clarify:1', prompt: '您想问的是：', options: [{ id: 'return-1', label: '怎么退货？' }, { id: 'return-2', label: '退款多久到账？' }, { id: 'human', label: '转人工客服' }] }, 60, { receipt: 'read' }],
    ['customer', { type: 'choice', menu_id: 'clarify:1', option_id: 'return-1', label: '怎么退货？' }, 59.5],
    ['bot', text(entries[0].answer), 59.4, { receipt: 'read', grounding: grounded('return-1', 0.94) }],
    ['customer', text('可是我已经用过了，商家会收吗？能不能换一个新的？'), 12],
    ['bot', text('这个问题需要人工客服为您确认，正在为您转接，请稍候。'), 11.9, { receipt: 'read' }],
    ['system', { type: 'event', code: 'agent_joined', text: '坐席 林小满 已接入，为您服务' }, 11],
    ['agent', text('您好王女士，我是客服小满。漏水属于质量问题，用过也可以换新的，麻烦您拍一张杯盖的照片给我看看好吗？'), 10.4, { receipt: 'read' }],
    ['customer', { type: 'image', media: { id: 'img1', mime: 'image/png', name: '杯盖.png', size: 184320, width: 640, height: 480, url: '/media/cup.png' } }, 8.2],
    ['customer', text('就是这个位置，倒过来会滴水'), 8],
    ['agent', text('看到了，密封圈有一点错位。我给您登记换新，新杯子今天发出，旧的不用寄回。'), 6.8, { receipt: 'read' }],
    ['agent', { type: 'file', media: { id: 'f1', mime: 'application/pdf', name: '换新登记单-20261122.pdf', size: 88_412, url: '/media/form.pdf' } }, 6.5, { receipt: 'delivered' }],
    ['customer', text('太好了，谢谢你！大概几天能到？我在 https://shop.example.com/orders/8842 能看到吗'), 1.2],
  ],
  'c-zhao': [
    ['customer', text('我的订单 20261119-7731 怎么还没发货'), 22],
    ['bot', text(entries[2].answer), 21.9, { receipt: 'read', grounding: grounded('ship-1', 0.88) }],
    ['customer', text('已经超过 48 小时了！转人工'), 20],
    ['bot', text('好的，正在为您转接人工客服。'), 20, { receipt: 'read' }],
    ['agent', text('赵先生您好，我帮您查一下仓库的情况。'), 18, { receipt: 'delivered' }],
    ['agent', text('查到了：今天 16:00 前会出库，单号出来后我第一时间发给您。'), 15, { receipt: 'failed', receipt_reason: 'risky_content', receipt_detail: '87014 risky content' }],
    ['customer', { type: 'voice', media: { id: 'v1', mime: 'audio/amr', name: '', size: 4_812, url: '/media/voice.amr' } }, 14],
    ['agent', text('查到了，今天 16:00 前出库。'), 13, { receipt: 'unknown', receipt_reason: 'interrupted' }],
    ['agent', text('单号：SF1099302211，预计后天送达。'), 12, { receipt: 'held', receipt_reason: 'provider_busy', fallback: 'template' }],
  ],
  'c-emma': [
    ['customer', text('Hi, do you ship to Singapore?'), 35],
    ['bot', text('A colleague will help you in a moment.'), 35, { receipt: 'read' }],
    ['agent', text('Hello Emma, yes we do. It takes 5 to 8 days.'), 33, { receipt: 'read' }],
    ['customer', text('Great, and the import tax?'), 31],
  ],
  'c-liu': [
    ['customer', text('我要投诉，客服一直不理人，已经三天了'), 1.5],
    ['bot', text('非常抱歉给您带来不好的体验，正在为您优先转接人工客服。'), 1.4, { receipt: 'delivered' }],
  ],
  'c-sun': [
    ['customer', text('杯子能刻字吗？刻 6 个字要多少钱，公司团建用，大概要 200 个'), 0.8],
    ['bot', text('这个问题我还不太确定，正在为您转接人工客服。'), 0.7, { receipt: 'delivered' }],
  ],
  'c-tang': [
    ['customer', text('请问发票抬头可以改吗'), 4],
    ['bot', text(entries[6].answer), 3.9, { receipt: 'read', grounding: grounded('invoice-1', 0.81) }],
    ['customer', text('不是，我已经开好了，抬头写错了，要人工'), 3.2],
    ['bot', text('好的，正在为您转接，您前面还有 1 位客户。'), 3.1, { receipt: 'delivered' }],
  ],
  'c-mo': [
    ['customer', text('会员生日礼券在哪里领'), 9],
    ['bot', text(entries[7].answer), 8.9, { receipt: 'delivered', grounding: grounded('member-1', 0.9) }],
  ],
  'c-xu': [
    ['customer', text('收到货了，包装很好，谢谢'), 180],
    ['agent', text('感谢您的支持，祝您生活愉快！'), 178, { receipt: 'read' }],
    ['system', { type: 'event', code: 'closed', text: '会话已结束' }, 177],
  ],
  'c-ye': [
    ['customer', text('能不能便宜点'), 1500],
    ['bot', text('现在下单可用满 199 减 20 的优惠券。'), 1499, { receipt: 'read', grounding: grounded('member-1', 0.72) }],
    ['system', { type: 'event', code: 'closed', text: '会话因长时间没有消息而结束' }, 1460],
  ],
}

const customers = {
  'c-wang': ['王若兰', 'website', 'assigned', 'u-lin', true],
  'c-zhao': ['赵启明', 'wechat', 'assigned', 'u-lin', true],
  'c-emma': ['Emma Tan', 'email', 'assigned', 'u-lin', false],
  'c-liu': ['刘先生', 'ecommerce', 'offered', null, false],
  'c-sun': ['孙予', 'website', 'offered', null, false],
  'c-tang': ['唐可', 'app', 'queued', null, true],
  'c-mo': ['', 'website', 'bot', null, false],
  'c-xu': ['许知夏', 'ecommerce', 'closed', 'u-chen', true],
  'c-ye': ['', 'website', 'closed', null, false],
}
const reasons = { 'c-wang': 'no_answer', 'c-zhao': 'requested', 'c-emma': 'no_answer', 'c-liu': 'complaint', 'c-sun': 'no_answer', 'c-tang': 'requested', 'c-xu': 'requested' }

export function seedMessages(id) {
  const names = { customer: customers[id][0] || '访客', bot: '小驿', agent: '林小满', system: '' }
  const older =
    id === 'c-wang'
      ? Array.from({ length: 130 }, (_, at) => [at % 2 ? 'bot' : 'customer', text(at % 2 ? `第 ${at + 1} 条：您好，这是之前的一次咨询记录，现货订单付款后 48 小时内发出。` : `第 ${at + 1} 条：之前咨询过的问题`), 4000 - at * 2, at % 2 ? { receipt: 'read' } : {}])
      : []
  return [...older, ...scripts[id]].map(([kind, content, minutes, extras = {}], at) => ({
    seq: at + 1,
    id: `${id}-m${at + 1}`,
    author: { kind, name: names[kind], ...(kind === 'agent' ? { id: 'u-lin' } : {}) },
    content,
    sent_at: ago(minutes),
    session: at < older.length ? 1 : id === 'c-wang' ? 2 : 1,
    receipt: null,
    receipt_reason: null,
    grounding: null,
    ...extras,
  }))
}

export function previewOf(content) {
  const names = { image: '[图片]', file: '[文件] ' }
  if (names[content.type]) return names[content.type] + (content.type === 'file' ? content.media.name : '')
  return content.text ?? content.prompt ?? content.label ?? ''
}

export function seedConversation(id, messages) {
  const [name, channel, state, agent, verified] = customers[id]
  const last = messages.filter((message) => message.author.kind !== 'system').at(-1)
  const handed = messages.find((message) => message.author.kind === 'bot' && /转接|人工/.test(message.content.text ?? ''))
  const owner = users.find((user) => user.id === agent)
  return {
    id,
    channel,
    account: channel === 'website' ? 'main' : channel === 'wechat' ? '知行优品服务号' : 'flagship',
    customer: {
      id: verified ? `u:${10000 + id.length * 731}` : `v:7f3c9a2e51${id.length}`,
      name,
      verified,
      locale: id === 'c-emma' ? 'en' : 'zh-CN',
      page_url: channel === 'website' ? 'https://shop.example.com/items/thermos-500ml?from=search' : '',
      page_title: channel === 'website' ? '轻享保温杯 500ml · 知行优品' : '',
      first_seen_at: ago(40_000),
    },
    state,
    epoch: state === 'assigned' ? 3 : state === 'closed' ? 4 : state === 'bot' ? 1 : 2,
    session: messages.at(-1).session,
    agent: owner && state === 'assigned' ? { id: owner.id, name: owner.name } : null,
    last_seq: messages.at(-1).seq,
    last_text: previewOf(last.content),
    last_author: last.author.kind,
    last_message_at: messages.at(-1).sent_at,
    opened_at: messages.find((message) => message.session === messages.at(-1).session).sent_at,
    rating: id === 'c-xu' ? 5 : id === 'c-wang' ? 4 : null,
    handoff: reasons[id] ? { reason: reasons[id], at: handed?.sent_at ?? ago(30) } : null,
    delivered_seq: 0,
    read_seq: 0,
    reply_window: channel === 'wechat' ? { until: ahead(43), left: 3 } : null,
    answer: state === 'assigned' && last.author.kind === 'customer' ? answerDue('agent_next_response', Date.parse(last.sent_at)) : null,
  }
}

// What an agent owes: the same shape and the same moments as the gateway's, without its calendar.
export function answerDue(clock, since = Date.now()) {
  const length = clock === 'agent_first_response' ? 60_000 : 300_000
  const moment = (after) => new Date(since + after).toISOString()
  return { clock, since: moment(0), risk_at: moment(length - Math.max(20_000, length / 3)), due_at: moment(length) }
}

export const conversationIds = Object.keys(scripts)

export const tickets = [
  { id: 't-1', number: 'T20261122-0007', conversation_id: 'c-tang', status: 'open', reason: 'requested', created_at: ago(80), promised_by: ahead(95), agent: null, customer_name: '唐可', last_text: '不是，我已经开好了，抬头写错了，要人工', channel: 'app' },
  { id: 't-2', number: 'T20261122-0005', conversation_id: 'c-liu', status: 'open', reason: 'complaint', created_at: ago(1500), promised_by: ago(42), agent: null, customer_name: '刘先生', last_text: '我要投诉，客服一直不理人，已经三天了', channel: 'ecommerce' },
  { id: 't-3', number: 'T20261121-0031', conversation_id: 'c-zhao', status: 'taken', reason: 'requested', created_at: ago(900), promised_by: ahead(420), agent: { id: 'u-lin', name: '林小满' }, customer_name: '赵启明', last_text: '已经超过 48 小时了！转人工', channel: 'wechat' },
  { id: 't-4', number: 'T20261120-0018', conversation_id: 'c-xu', status: 'resolved', reason: 'no_answer', created_at: ago(3000), promised_by: ago(1600), agent: { id: 'u-chen', name: '陈知行' }, customer_name: '许知夏', last_text: '收到货了，包装很好，谢谢', channel: 'ecommerce' },
]

export function numbers(waiting, oldest, broken) {
  const channel = (name, answered, held, queued, refused, duplicate, dead, difference = 0) => ({
    channel: name, accepted: answered + held + queued + refused + duplicate + dead + difference, answered, held, queued, refused, duplicate, dead, lost: 0, difference,
  })
  return {
    at: new Date().toISOString(),
    channels: [
      channel('website', 1204, 318, 61, 2, 7, 0),
      channel('wechat', 876, 240, 48, 0, 12, 0),
      channel('ecommerce', 655, 190, 39, 1, 3, broken ? 2 : 0, broken ? 3 : 0),
      channel('app', 301, 66, 12, 0, 0, 0),
      channel('email', 58, 31, 9, 0, 0, 0),
    ],
    steps: [
      { step: 'received_published', p50_ms: 1.8, p99_ms: 6.4, count: 3902 },
      { step: 'published_decided', p50_ms: 4.1, p99_ms: 14.7, count: 3902 },
      { step: 'decided_delivered', p50_ms: 2.6, p99_ms: 21.3, count: 3094 },
      { step: 'total', p50_ms: 9.2, p99_ms: 41.8, count: 3094 },
    ],
    sessions: 842, handoffs: 169, handoffs_in_window: 163,
    first_responses: 838, first_response_p50_ms: 11.4, first_response_p99_ms: 1320, first_response_in_target: 0.9976,
    ratings: 212, rating_average: 4.62, auto_answered: 0.792,
    ticket_ratings: 37, ticket_rating_average: 4.41, ticket_surveys: 88,
    agent_answers: [
      { clock: 'agent_first_response', in_time: 158, late: 4, missed: 0, waiting: 1, excluded: 3, share_in_time: 158 / 163, open_p50_ms: 11_200, open_p99_ms: 71_000 },
      { clock: 'agent_next_response', in_time: 611, late: 9, missed: 1, waiting: 0, excluded: 22, share_in_time: 611 / 621, open_p50_ms: 38_000, open_p99_ms: 322_000 },
    ],
    queue: { waiting, offered: 2, assigned: 14, oldest_since: oldest, agents_online: 5, agents_free: 2, tickets_open: 2 },
  }
}
