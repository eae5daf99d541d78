import express from 'express'

// What most people would write first.
const [, , port, folder = '.'] = process.argv
express()
  .use(express.static(folder))
  .listen({ port: Number(port), host: '127.0.0.1', backlog: 4_096 })
