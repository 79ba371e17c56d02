// What may stand in each file of the HarmonyOS project, as data. hvigor and ohpm, which would complain, are not here: a
// member that they do not know is ignored or stops the build on somebody else's machine.

/**
 * A text, number or switch; a text of a form; one of several texts; a list; a map of free names; members by name, a `?`
 * behind those that may be missing.
 * @typedef {'string' | 'number' | 'boolean' | RegExp | { one: string[] } | { list: Rule } | { map: Rule }
 *   | { members: Record<string, Rule> }} Rule
 */

const version = /^\d+\.\d+\.\d+(-[\w.]+)?$/
const moduleName = /^[A-Za-z]\w*$/
const text = /^(\$string:\w+|[^$].*)$/s
const image = /^\$media:\w+$/
const color = /^\$color:\w+$/
const deviceType = { one: ['default', 'phone', 'tablet', '2in1'] }
/** @type {Rule} */
const dependencies = { map: 'string' }

/** @type {Rule} */
const ability = {
  members: {
    name: moduleName,
    srcEntry: /^\.\/ets\/.+\.ets$/,
    'description?': text,
    icon: image,
    label: text,
    startWindowIcon: image,
    startWindowBackground: color,
    'exported?': 'boolean',
    'launchType?': { one: ['singleton', 'multiton', 'specified'] },
    'removeMissionAfterTerminate?': 'boolean',
    'excludeFromMissions?': 'boolean',
    'orientation?': 'string',
    'backgroundModes?': { list: 'string' },
    'skills?': {
      list: {
        members: {
          'entities?': { list: 'string' },
          'actions?': { list: 'string' },
          'uris?': { list: { map: 'string' } },
        },
      },
    },
  },
}

/** @type {Rule} */
const permission = {
  members: {
    name: /^ohos\.permission\.[A-Z_]+$/,
    'reason?': /^\$string:\w+$/,
    'usedScene?': { members: { abilities: { list: 'string' }, when: { one: ['inuse', 'always'] } } },
  },
}

/** @type {Rule} */
const appModule = {
  members: {
    module: {
      members: {
        name: moduleName,
        type: { one: ['entry', 'feature'] },
        'description?': text,
        'srcEntry?': /^\.\/ets\/.+\.ets$/,
        'mainElement?': moduleName,
        deviceTypes: { list: deviceType },
        deliveryWithInstall: 'boolean',
        installationFree: 'boolean',
        'pages?': /^\$profile:\w+$/,
        'abilities?': { list: ability },
        'requestPermissions?': { list: permission },
      },
    },
  },
}

/** @type {Rule} */
const harModule = {
  members: { module: { members: { name: moduleName, type: { one: ['har'] }, deviceTypes: { list: deviceType } } } },
}

/** @type {Record<string, Rule>} */
const ofEveryPackage = {
  name: /^(@[a-z0-9_-]+\/)?[A-Za-z0-9._-]+$/,
  version,
  description: 'string',
  'main?': 'string',
  'author?': 'string',
  'license?': 'string',
  'dependencies?': dependencies,
  'devDependencies?': dependencies,
}

/** @type {Rule} */
const moduleProfile = {
  members: {
    apiType: { one: ['stageMode'] },
    'buildOption?': {
      members: {
        'sourceOption?': { members: { workers: { list: 'string' } } },
        'arkOptions?': { members: { 'runtimeOnly?': { map: { list: 'string' } } } },
      },
    },
    'buildOptionSet?': {
      list: {
        members: {
          name: { one: ['debug', 'release'] },
          'arkOptions?': {
            members: {
              'obfuscation?': {
                members: {
                  'ruleOptions?': { members: { enable: 'boolean', 'files?': { list: 'string' } } },
                  'consumerFiles?': { list: 'string' },
                },
              },
            },
          },
          'nativeLib?': {
            members: { 'debugSymbol?': { members: { strip: 'boolean', exclude: { list: 'string' } } } },
          },
        },
      },
    },
    targets: { list: { members: { name: { one: ['default', 'ohosTest'] } } } },
  },
}

/** @type {Record<string, Rule>} The files that must be there. */
export const requiredFiles = {
  'oh-package.json5': {
    members: {
      modelVersion: version,
      'description?': 'string',
      dependencies,
      devDependencies: dependencies,
      'dynamicDependencies?': dependencies,
      'overrides?': dependencies,
    },
  },
  'hvigor/hvigor-config.json5': {
    members: {
      modelVersion: version,
      dependencies,
      'execution?': { map: 'boolean' },
      'logging?': { members: { level: { one: ['debug', 'info', 'warn', 'error'] } } },
      'debugging?': { map: 'boolean' },
      'nodeOptions?': { map: 'number' },
    },
  },
  'build-profile.json5': {
    members: {
      app: {
        members: {
          // Signing material belongs to whoever signs and never into version control: no member is known.
          signingConfigs: { list: { members: {} } },
          products: {
            list: {
              members: {
                name: 'string',
                signingConfig: 'string',
                compatibleSdkVersion: /^\d+\.\d+\.\d+\(\d+\)$/,
                'targetSdkVersion?': /^\d+\.\d+\.\d+\(\d+\)$/,
                runtimeOS: { one: ['HarmonyOS'] },
                'buildOption?': {
                  members: {
                    'strictMode?': { members: { caseSensitiveCheck: 'boolean', useNormalizedOHMUrl: 'boolean' } },
                  },
                },
              },
            },
          },
          buildModeSet: { list: { members: { name: { one: ['debug', 'release'] } } } },
        },
      },
      modules: {
        list: {
          members: {
            name: moduleName,
            srcPath: /^\.\/\w+$/,
            'targets?': { list: { members: { name: 'string', applyToProducts: { list: 'string' } } } },
          },
        },
      },
    },
  },
  'code-linter.json5': {
    members: {
      files: { list: 'string' },
      'ignore?': { list: 'string' },
      ruleSet: { list: /^plugin:@[\w-]+\/\w+$/ },
      'rules?': { map: 'string' },
      'overrides?': { list: { map: 'string' } },
    },
  },
  'AppScope/app.json5': {
    members: {
      app: {
        members: {
          bundleName: /^[a-z]\w*(\.[a-z]\w*){2,}$/,
          vendor: 'string',
          versionCode: 'number',
          versionName: version,
          icon: image,
          label: text,
        },
      },
    },
  },
  'finapp/oh-package.json5': {
    members: {
      ...ofEveryPackage,
      'homepage?': /^https:/,
      'repository?': 'string',
      'keywords?': { list: 'string' },
      'types?': 'string',
      'artifactType?': { one: ['original', 'obfuscation', 'bytecode'] },
      compatibleSdkVersion: /^\d+$/,
      compatibleSdkType: { one: ['HarmonyOS'] },
      'obfuscated?': 'boolean',
    },
  },
  'finapp/build-profile.json5': moduleProfile,
  'finapp/src/main/module.json5': harModule,
  'finapp/types/libfinapp/oh-package.json5': { members: { ...ofEveryPackage, types: /^\.\/\w+\.d\.ts$/ } },
  'entry/oh-package.json5': { members: ofEveryPackage },
  'entry/build-profile.json5': moduleProfile,
  'entry/src/main/module.json5': appModule,
}

/** @type {Record<string, Rule>} The files that are looked at when they are there. */
export const optionalFiles = {
  'finapp/src/ohosTest/module.json5': appModule,
  'entry/src/ohosTest/module.json5': appModule,
}

/** The permissions for which the user is asked, and which therefore need a reason and a scene. */
export const askedPermissions = new Set(
  [
    'ACCELEROMETER',
    'ACCESS_BLUETOOTH',
    'ACTIVITY_MOTION',
    'APPROXIMATELY_LOCATION',
    'APP_TRACKING_CONSENT',
    'CAMERA',
    'DISTRIBUTED_DATASYNC',
    'LOCATION',
    'LOCATION_IN_BACKGROUND',
    'MEDIA_LOCATION',
    'MICROPHONE',
    'READ_CALENDAR',
    'READ_HEALTH_DATA',
    'READ_IMAGEVIDEO',
    'READ_MEDIA',
    'READ_PASTEBOARD',
    'READ_WRITE_DESKTOP_DIRECTORY',
    'READ_WRITE_DOCUMENTS_DIRECTORY',
    'READ_WRITE_DOWNLOAD_DIRECTORY',
    'WRITE_CALENDAR',
    'WRITE_IMAGEVIDEO',
    'WRITE_MEDIA',
  ].map((name) => `ohos.permission.${name}`),
)
