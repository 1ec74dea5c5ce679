import type { CustomerView } from '@/api/customers'

/** Runs a change of a customer and shows what came of it. True: it was done. */
export type Change = (run: () => Promise<CustomerView>, words?: string) => Promise<boolean>
