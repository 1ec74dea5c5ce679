import { bubble, element } from "/static/bubbles.js";

const POLL = 600;
const TRIGGERS = {
  message: "用户发消息", menu: "点击菜单", subscribe: "关注", scan: "扫码", tempsession: "进入会话",
};
const DEEDS = {
  text: "文本", image: "图片", press: "菜单项", voice: "语音", location: "位置", link: "链接", card: "小程序卡片",
  subscribe: "关注", unsubscribe: "取消关注", scan: "扫码", click: "点击菜单", view: "打开网页",
  tempsession: "进入客服会话", enter: "进入会话", recall: "撤回",
};
const OUTCOMES = {
  error: "返回错误", hang: "无响应", commit_then_hang: "已送达但无响应", commit_then_reset: "已送达但断线",
  http_502: "网关错误 502", msg_send_fail: "已受理后失败",
};
const PROBLEMS = { "no answer in time": "超时" };
const $ = (id) => document.getElementById(id);

let account = "shop";
let accounts = [];
let drawn = 0;
let generation = 0;

const who = () => $("who").value.trim() || "oDemoFollower0001";
const kind = () => accounts.find((one) => one.name === account)?.kind ?? "official";

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ account, who: who(), ...body }),
  });
  await refresh();
  return answer;
}

const deed = (name, value = "") => post("/phone/deed", { deed: name, value });

async function refresh() {
  const mine = generation;
  const query = new URLSearchParams({ account, who: who(), after: String(drawn) });
  const answer = await fetch(`/phone/state?${query}`);
  if (!answer.ok || mine !== generation) return;
  const state = await answer.json();
  if (mine !== generation) return;
  showAccounts(state.accounts);
  showChat(state.person, Number(query.get("after")));
  showRights(state.person);
  showLog("pushes", state.pushes.map(pushLine));
  showLog("calls", state.calls.map(callLine));
  showLog("violations", state.violations.map((text) => [element("span", "", text)]));
  $("violations").hidden = state.violations.length === 0;
  $("faults").textContent = [...(state.duplicates ? ["每条推送两次"] : []), ...state.faults.map((one) => `待触发：${OUTCOMES[one.outcome] ?? one.outcome}${one.errcode ? ` ${one.errcode}` : ""}`)].join("；");
  $("clock").textContent = new Date(state.now * 1000).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  $("date").textContent = `平台时间 ${new Date(state.now * 1000).toLocaleString("zh-CN", { dateStyle: "long", timeStyle: "short" })}`;
}

function showAccounts(found) {
  if (accounts.length) return;
  accounts = found;
  for (const one of found) {
    const tab = element("button", "", one.title);
    tab.setAttribute("role", "tab");
    tab.dataset.account = one.name;
    tab.title = one.webhook;
    tab.addEventListener("click", () => choose(one.name));
    $("accounts").append(tab);
  }
  mark();
}

function mark() {
  for (const tab of $("accounts").children) tab.setAttribute("aria-selected", String(tab.dataset.account === account));
  $("title").textContent = accounts.find((one) => one.name === account)?.title.split(" · ").pop() ?? "";
  for (const part of document.querySelectorAll("[data-only]")) part.hidden = !part.dataset.only.split(" ").includes(kind());
}

function restart() {
  generation += 1;
  drawn = 0;
  $("chat").replaceChildren();
  $("verified").textContent = "";
  void refresh();
}

function choose(name) {
  account = name;
  mark();
  restart();
}

const grown = () => { $("chat").scrollTop = $("chat").scrollHeight; };

function showChat(person, after) {
  if (after !== drawn) return;
  const actions = { press: (id) => deed("press", id), grown };
  $("chat").append(...person.chat.map((line) => bubble(line, actions)));
  drawn = person.total;
  $("typing").textContent = person.typing ? "对方正在输入…" : "";
  if (person.chat.length) grown();
}

function showRights(person) {
  const rows = person.rights.map((one) => {
    const row = element("div", "right-of");
    row.append(element("span", "", TRIGGERS[one.trigger] ?? one.trigger), element("b", one.left ? "ok" : "wrong", `${one.left} 条 · ${span(one.seconds)}`));
    return row;
  });
  if (!rows.length) rows.push(element("p", "quiet", person.subscribed ? "窗口已关闭：用户没有新的互动" : "用户已取消关注"));
  $("rights").replaceChildren(...rows);
}

function span(seconds) {
  if (seconds < 120) return `${seconds} 秒`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} 分钟`;
  return `${Math.floor(seconds / 3600)} 小时`;
}

function pushLine(push) {
  const tries = push.attempts.map((one) => one.problem
    ? element("span", "wrong", `✕ ${one.status || ""} ${PROBLEMS[one.problem] ?? one.problem} ${one.milliseconds} ms `)
    : element("span", "ok", `✓ ${one.milliseconds} ms `));
  if (!tries.length) tries.push(element("span", "quiet", "推送中…"));
  const end = element("span", "end");
  end.append(...tries, push.reply ? "有被动回复" : "", push.notice ? "用户看到“暂时无法提供服务”" : "");
  return [element("span", "", DEEDS[push.what] ?? push.what), element("code", "", push.key.slice(0, 40)), end];
}

function callLine(call) {
  const state = call.errcode === null ? "故障" : `errcode ${call.errcode}`;
  return [element("span", "", call.at), element("code", "", call.path), element("span", `end ${call.errcode === 0 ? "ok" : "wrong"}`, state)];
}

function showLog(id, lines) {
  const list = $(id).matches("ol") ? $(id) : $(id).querySelector("ol");
  list.replaceChildren(...lines.map((parts) => {
    const item = element("li");
    item.append(...parts);
    return item;
  }));
}

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value;
  if (!text.trim()) return;
  $("text").value = "";
  void deed("text", text);
});
$("plus").addEventListener("click", () => {
  $("more").hidden = !$("more").hidden;
  $("plus").setAttribute("aria-expanded", String(!$("more").hidden));
});
$("who").addEventListener("change", restart);
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  $("file").value = "";
  if (!file) return;
  const query = new URLSearchParams({ account, who: who() });
  await fetch(`/phone/image?${query}`, { method: "POST", headers: { "Content-Type": file.type }, body: file });
  await refresh();
});
$("verify").addEventListener("click", async () => {
  const answer = await (await post("/phone/verify", {})).json();
  $("verified").textContent = answer.ok ? "验证通过" : `验证失败：${answer.status} ${answer.body}`;
  $("verified").className = answer.ok ? "quiet ok" : "quiet wrong";
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { deed: name, value, advance, fault, errcode, pick } = button.dataset;
  if (pick) $("file").click();
  if (name) void deed(name, value);
  if (advance) void post("/phone/advance", { seconds: Number(advance) });
  if (fault) void post("/phone/fault", { fault, errcode: Number(errcode ?? 0) });
  if (name || pick) $("more").hidden = true;
});

async function poll() {
  try {
    await refresh();
  } catch {
    $("verified").textContent = "模拟器没有响应";
  }
  setTimeout(poll, POLL);
}
void poll();
