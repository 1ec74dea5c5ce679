import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from '@/App.vue'
import '@/design/element'
import { browserGateway, installGateway, onSessionExpired } from '@/gateway'
import { i18n } from '@/i18n'
import { router } from '@/router'
import { useWorkspace } from '@/stores/workspace'

installGateway(browserGateway())
const app = createApp(App).use(createPinia()).use(i18n)
onSessionExpired(() => useWorkspace().end(true))
app.use(router).mount('#app')
