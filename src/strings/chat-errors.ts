/** What a `UserError` about commands and chats says, Korean and English. */
import type { Localized } from './index.ts';

export const chatErrors = {
  commandUnknown: {
    ko: (f: { command: string; nearest: string | undefined }) =>
      `/${f.command} 명령은 없습니다. ${f.nearest ? `/${f.nearest} 명령을 찾으십니까? ` : ''}/도움말에서 명령을 볼 수 있습니다.`,
    en: (f: { command: string; nearest: string | undefined }) =>
      `there is no command /${f.command}; ${f.nearest ? `did you mean /${f.nearest}? ` : ''}/help lists the commands`,
  },
  optionUnknown: {
    ko: (f: { command: string; option: string }) =>
      `/${f.command} 명령에는 ${f.option} 옵션이 없습니다. /도움말에서 옵션을 볼 수 있습니다.`,
    en: (f: { command: string; option: string }) =>
      `/${f.command} has no option ${f.option}; /help lists the options`,
  },
  optionFaults: {
    ko: (f: { faults: readonly { option: Localized; allowed: Localized }[] }) =>
      `쓸 수 없는 옵션 값이 있습니다. ${f.faults.map(({ option, allowed }) => `${option.ko}: ${allowed.ko}`).join('. ')}`,
    en: (f: { faults: readonly { option: Localized; allowed: Localized }[] }) =>
      `the value of an option cannot be used. ${f.faults.map(({ option, allowed }) => `${option.en}: ${allowed.en}`).join('. ')}`,
  },
  optionTwice: {
    ko: (f: { option: Localized }) => `${f.option.ko} 옵션이 두 번 있습니다. 하나만 남기십시오.`,
    en: (f: { option: Localized }) => `the option ${f.option.en} is given twice; keep one`,
  },
  optionsUnexpected: {
    ko: (f: { command: string }) =>
      `/${f.command} 명령 뒤에는 글을 쓸 수 없습니다. 명령만 쓰거나 /도움말에서 옵션을 보십시오.`,
    en: (f: { command: string }) => `/${f.command} takes no text; give the command alone, or see /help`,
  },
  notAdmin: {
    ko: (f: { command: string }) => `/${f.command} 명령은 관리자만 쓸 수 있습니다. 관리자에게 부탁하십시오.`,
    en: (f: { command: string }) => `/${f.command} is for admins; ask one of them`,
  },
  rateLimited: {
    ko: (f: { seconds: number }) => `명령이 너무 많습니다. ${f.seconds}초 뒤에 다시 하십시오.`,
    en: (f: { seconds: number }) => `too many commands; try again in ${f.seconds} s`,
  },
  attachmentForeign: {
    ko: (f: { file: string }) =>
      `${f.file}: 이 파일은 여기에 올린 것이 아닙니다. 명령에 파일을 직접 올리십시오.`,
    en: (f: { file: string }) => `${f.file} was not uploaded here; upload the file with the command`,
  },
  attachmentLost: {
    ko: (f: { file: string }) => `${f.file}: 파일을 내려받지 못했습니다. 파일을 다시 올려 명령을 내리십시오.`,
    en: (f: { file: string }) => `${f.file} could not be downloaded; give the command again with the file`,
  },
  draftGone: {
    ko: (_: Record<never, never>) =>
      '이 질문에는 이미 답했거나 기한이 지났습니다. /학습 명령을 다시 내리십시오.',
    en: (_: Record<never, never>) =>
      'this question is answered already, or has expired; give the command /train again',
  },
  draftRefused: {
    ko: (_: Record<never, never>) =>
      '그사이에 메시지를 쓴 사람 가운데 누군가가 학습을 거부했습니다. /학습 명령을 다시 내리면 그 사람의 글을 빼고 읽습니다.',
    en: (_: Record<never, never>) =>
      'somebody whose messages were read has refused training since; give the command /train again, and theirs are left out',
  },
  trainNothing: {
    ko: (_: Record<never, never>) =>
      '학습할 글이 없습니다. 텍스트 파일(.txt, .md, .lrc)을 붙이거나 messages:500 처럼 읽을 메시지 수를 쓰십시오.',
    en: (_: Record<never, never>) =>
      'there is nothing to train on; attach text files (.txt, .md, .lrc), or say how many messages to read, as messages:500',
  },
  historyNone: {
    ko: (_: Record<never, never>) => '여기에는 읽을 메시지가 없습니다. 텍스트 파일로 학습시키십시오.',
    en: (_: Record<never, never>) => 'there are no messages to read here; train on a text file',
  },
  historyForbidden: {
    ko: (_: Record<never, never>) =>
      '봇이 이 채널의 메시지를 읽을 수 없습니다. 봇을 채널에 초대하고 메시지 기록을 볼 권한을 주십시오.',
    en: (_: Record<never, never>) =>
      'the bot may not read the messages of this channel; invite it and let it read the message history',
  },
  historyEmpty: {
    ko: (f: { read: number; refused: number }) =>
      `메시지 ${f.read}개 가운데 학습에 쓸 글이 없습니다 (학습을 거부한 사람의 메시지 ${f.refused}개). 더 많이 읽거나 텍스트 파일로 학습시키십시오.`,
    en: (f: { read: number; refused: number }) =>
      `none of ${f.read} messages can be trained on (${f.refused} are of people who refused); read more, or train on a text file`,
  },
  messageContentOff: {
    ko: (_: Record<never, never>) =>
      '이 봇은 메시지를 읽지 않도록 설정되어 있습니다. 봇의 주인이 Developer Portal의 Bot 화면에서 Message Content Intent를 켜고 .env에 DISCORD_MESSAGE_CONTENT=true를 쓰면 됩니다. 텍스트 파일로는 지금도 학습할 수 있습니다.',
    en: (_: Record<never, never>) =>
      'this bot is configured to read no messages; its owner can switch on Message Content Intent in the Developer Portal (Bot) and set DISCORD_MESSAGE_CONTENT=true in .env. Text files can be trained on as it is',
  },
  messageContentHidden: {
    ko: (_: Record<never, never>) =>
      'Discord가 메시지의 내용을 보여 주지 않습니다. 봇의 주인이 Developer Portal의 Bot 화면에서 Message Content Intent를 켜야 합니다.',
    en: (_: Record<never, never>) =>
      "Discord does not show what the messages say; the bot's owner has to switch on Message Content Intent in the Developer Portal (Bot)",
  },
  slackHistoryScope: {
    ko: (_: Record<never, never>) =>
      'Slack 앱에 메시지를 읽을 권한이 없습니다. npm run --silent slack-manifest -- --messages 가 내는 매니페스트로 앱을 고쳐 다시 설치하십시오.',
    en: (_: Record<never, never>) =>
      'the Slack app may not read messages; give it the manifest of npm run --silent slack-manifest -- --messages, and install it again',
  },
  fileTooLargeToSend: {
    ko: (f: { file: string; bytes: number; limit: number }) =>
      `${f.file}: 파일이 ${f.bytes}바이트여서 여기서는 보낼 수 없습니다. ${f.limit}바이트까지 보낼 수 있습니다.`,
    en: (f: { file: string; bytes: number; limit: number }) =>
      `${f.file} has ${f.bytes} bytes; no more than ${f.limit} can be sent here`,
  },
  discordToken: {
    ko: (_: Record<never, never>) =>
      'Discord가 DISCORD_TOKEN을 받아들이지 않습니다. Developer Portal의 Bot 화면에서 토큰을 새로 받아 .env에 쓰십시오.',
    en: (_: Record<never, never>) =>
      'Discord does not accept DISCORD_TOKEN; reset the token in the Developer Portal (Bot) and put it into .env',
  },
  discordShards: {
    ko: (_: Record<never, never>) =>
      'Discord가 SHARDS의 수를 받아들이지 않습니다. SHARDS를 비우거나 auto로 두십시오.',
    en: (_: Record<never, never>) =>
      'Discord does not accept that number of SHARDS; leave SHARDS empty, or set it to auto',
  },
  discordUnreachable: {
    ko: (f: { address: string; reason: string }) =>
      `Discord(${f.address})에 연결할 수 없습니다(${f.reason}). 인터넷 연결과 DISCORD_API_URL을 확인하십시오.`,
    en: (f: { address: string; reason: string }) =>
      `Discord at ${f.address} cannot be reached (${f.reason}); check the internet connection, and DISCORD_API_URL`,
  },
  discordSessions: {
    ko: (f: { until: string }) =>
      `Discord가 지금은 연결을 더 받지 않습니다(하루에 연결할 수 있는 횟수를 다 썼습니다). ${f.until} 뒤에 다시 시작하십시오.`,
    en: (f: { until: string }) =>
      `Discord takes no more connections now (there is a number a day); start again after ${f.until}`,
  },
  discordRegistration: {
    ko: (f: { reason: string }) =>
      `명령을 등록하지 못했습니다(${f.reason}). 봇이 DISCORD_GUILD_ID 서버에 applications.commands 범위로 초대되었는지, DISCORD_APPLICATION_ID가 맞는지 확인하십시오.`,
    en: (f: { reason: string }) =>
      `the commands could not be registered (${f.reason}); check that the bot was invited to the server DISCORD_GUILD_ID with the scope applications.commands, and DISCORD_APPLICATION_ID`,
  },
  discordNoToken: {
    ko: (_: Record<never, never>) =>
      'DISCORD_TOKEN이 없습니다. Developer Portal의 Bot 화면에서 토큰을 받아 .env에 쓰십시오 (docs/discord.md).',
    en: (_: Record<never, never>) =>
      'DISCORD_TOKEN is not set; take the token from the Developer Portal (Bot) and put it into .env (docs/discord.md)',
  },
  buttonExpired: {
    ko: (_: Record<never, never>) => '이 버튼은 기한이 지났습니다. 명령을 다시 내리십시오.',
    en: (_: Record<never, never>) => 'this button has expired; give the command again',
  },
  shuttingDown: {
    ko: (_: Record<never, never>) => '지금 끝내는 중입니다. 다시 시작한 뒤에 하십시오.',
    en: (_: Record<never, never>) => 'shutting down; try again after the restart',
  },
  privacyDamaged: {
    ko: (f: { file: string }) =>
      `${f.file}: 학습을 거부한 사람의 목록이 손상되었습니다. 백업에서 되돌리거나, 파일을 지우고 사람들에게 /개인정보 로 다시 정하게 하십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: the list of those who refused training is damaged; restore it from a backup, or remove the file and have people choose again with /privacy`,
  },
  settingsDamaged: {
    ko: (f: { file: string }) =>
      `${f.file}: 설정 파일이 손상되었습니다. 고치거나 지우십시오. 지우면 서버마다 정한 모델과 언어를 다시 정해야 합니다.`,
    en: (f: { file: string }) =>
      `${f.file}: the file of settings is damaged; correct or remove it (removed, each server's model and language must be chosen anew)`,
  },
  slackToken: {
    ko: (f: { variable: string; fault: string }) =>
      `Slack이 ${f.variable}을(를) 받아들이지 않습니다(${f.fault}). api.slack.com/apps에서 앱의 토큰을 다시 복사하십시오. docs/slack.md에 방법이 있습니다.`,
    en: (f: { variable: string; fault: string }) =>
      `Slack does not accept ${f.variable} (${f.fault}); copy the app's token again from api.slack.com/apps, docs/slack.md says how`,
  },
  slackUnreachable: {
    ko: (f: { address: string }) =>
      `Slack에 연결할 수 없습니다(${f.address}). 네트워크와 SLACK_API_URL을 확인하십시오.`,
    en: (f: { address: string }) =>
      `Slack cannot be reached at ${f.address}; check the network and SLACK_API_URL`,
  },
  slackPort: {
    ko: (f: { port: number }) =>
      `${f.port}번 포트를 열 수 없습니다. SLACK_PORT에 쓰이지 않는 포트를 적으십시오.`,
    en: (f: { port: number }) => `port ${f.port} cannot be opened; set SLACK_PORT to one that is free`,
  },
  slackFile: {
    ko: (f: { file: string }) =>
      `${f.file}: Slack에서 파일을 받지 못했습니다. 봇을 채널에 초대하고(/invite) 파일을 다시 올리십시오.`,
    en: (f: { file: string }) =>
      `${f.file}: the file could not be downloaded from Slack; /invite the bot into the channel and upload the file again`,
  },
  slackUpload: {
    ko: (f: { file: string }) =>
      `${f.file}: Slack에 파일을 보내지 못했습니다. 앱에 files:write 권한이 있는지 확인하고(새 매니페스트로 다시 설치), 봇을 채널에 초대하십시오.`,
    en: (f: { file: string }) =>
      `${f.file} could not be sent to Slack; check that the app has the scope files:write (install it again with a new manifest), and invite the bot to the channel`,
  },
  slackForm: {
    ko: (_: Record<never, never>) => '입력 창을 열지 못했습니다. 명령을 다시 내리십시오.',
    en: (_: Record<never, never>) => 'the form could not be opened; give the command again',
  },
};
