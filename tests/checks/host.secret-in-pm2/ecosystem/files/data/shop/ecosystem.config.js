module.exports = {
  apps: [{
    name: "shop",
    script: "./server.js",
    // API_KEY: "@@TOKEN:openai:2@@",
    env: { NODE_ENV: 'production', API_KEY: '@@TOKEN:openai@@' },
  }]
}
