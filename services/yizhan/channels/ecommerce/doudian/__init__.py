"""抖店 (Douyin shop): orders; its chat 飞鸽 is given to directed partners only (reference E.6)."""
