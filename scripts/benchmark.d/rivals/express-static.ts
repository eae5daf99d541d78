import express from 'express'

// What most people would write first.
const [, , port, folder = '.'] = process.argv
express().use(express.static(folder)).listen(Number(port), '127.0.0.1')
