/** The table that an editor starts from. With a byte order mark, since Excel reads CSV as UTF-8 only with one. */

type Rows = readonly (readonly string[])[]

const chinese: Rows = [
  ['编号', '分类', '问题', '相似问法', '答案'],
  ['return-1', '售后', '怎么退货？', '如何办理退货|我想退货|东西不想要了怎么退', '签收后 7 天内可以无理由退货：打开“我的订单”，选择商品后点“申请退货”。'],
  ['ship-1', '物流', '什么时候发货？', '多久发货|今天能发吗', '现货订单付款后 48 小时内发出，预售商品以页面标注的时间为准。'],
  ['pay-1', '支付', '支持哪些付款方式？', '可以用微信付吗|能刷银行卡吗', '支持微信支付、支付宝和银联卡。'],
]

const english: Rows = [
  ['id', 'category', 'question', 'paraphrases', 'answer'],
  ['return-1', 'After sales', 'How do I return an item?', 'I want to send it back|return policy', 'Within 7 days of delivery: open “My orders”, choose the item and press “Return”.'],
  ['ship-1', 'Delivery', 'When is my order sent?', 'how long until it ships|will it be sent today', 'Items in stock are sent within 48 hours of payment.'],
  ['pay-1', 'Payment', 'How can I pay?', 'do you take cards|which payment methods', 'By card, WeChat Pay or Alipay.'],
]

function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function templateCsv(locale: string): string {
  const rows = locale === 'en' ? english : chinese
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

export function downloadTemplate(locale: string): void {
  const url = URL.createObjectURL(new Blob([templateCsv(locale)], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'yizhan-knowledge-template.csv'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}
