/** The table that an editor starts from. With a byte order mark, since Excel reads CSV as UTF-8 only with one. */

const rows: readonly (readonly string[])[] = [
  ['id', 'question', 'paraphrases', 'answer', 'category'],
  ['return-1', '怎么退货？', '如何办理退货|我想退货|东西不想要了怎么退', '签收后 7 天内可以无理由退货：打开“我的订单”，选择商品后点“申请退货”。', '售后'],
  ['ship-1', '什么时候发货？', '多久发货|今天能发吗', '现货订单付款后 48 小时内发出，预售商品以页面标注的时间为准。', '物流'],
  ['pay-1', '支持哪些付款方式？', '可以用微信付吗|能开花呗吗', '支持微信支付、支付宝和银联卡。', '支付'],
]

function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function templateCsv(): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

export function downloadTemplate(): void {
  const url = URL.createObjectURL(new Blob([templateCsv()], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'yizhan-knowledge-template.csv'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}
