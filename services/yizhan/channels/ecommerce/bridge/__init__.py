"""The bridge: platforms that let nobody but the business itself at their messages, by a connector of the business."""
