"""淘宝/天猫 (TOP): orders and parcels; the platform gives nobody its chat (reference E.6)."""
