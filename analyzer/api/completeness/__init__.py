"""How complete an application is, and what is behind it."""
