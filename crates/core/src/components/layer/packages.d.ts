// The two frameworks without their types: what we use of their insides has none.
declare module 'glass-easel'
declare module 'glass-easel/src/tmpl/proc_gen_wrapper'
declare module 'glass-easel-miniprogram-adapter'
