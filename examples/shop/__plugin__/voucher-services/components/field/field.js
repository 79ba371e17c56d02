// A field for the code of a voucher. `ft` is the plugin's own: the host sees that the plugin asks.

Component({
  data: { said: '' },

  methods: {
    onCode(event) {
      ft.checkVoucher({ code: event.detail.value }).then(
        ({ percent }) => {
          this.setData({ said: `${percent} % off` })
          this.triggerEvent('accepted', { percent })
        },
        () => this.setData({ said: 'There is no such voucher' })
      )
    },
  },
})
