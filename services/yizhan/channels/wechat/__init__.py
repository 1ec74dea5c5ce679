"""WeChat: 公众号 (official accounts), 小程序 (mini programs) and 微信客服 (WeCom customer service)."""
