/** What each shell is told; all of them ask `mortise autocomplete:words`, so that what is offered is decided in one place. */
export const completionScripts = {
  // bash breaks words at colons and equal signs, and wants only what stands after the last one.
  bash: `_mortise() {
  local line=\${COMP_LINE:0:COMP_POINT} words found cut
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  mapfile -t found < <(mortise autocomplete:words -- "\${words[@]:1}" 2>/dev/null)
  cut=\${words[-1]}
  cut=\${cut%"\${cut##*[:=]}"}
  COMPREPLY=("\${found[@]#"$cut"}")
}
complete -o default -F _mortise mortise`,
  zsh: `#compdef mortise
_mortise() {
  local -a found
  found=(\${(f)"$(mortise autocomplete:words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  (( \${#found} )) && compadd -a found
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _mortise mortise`,
  fish: `function __mortise_words
  set -l words (commandline -opc) (commandline -ct)
  mortise autocomplete:words -- $words[2..-1] 2>/dev/null
end
complete -c mortise -f -a '(__mortise_words)'`,
} as const

export type Shell = keyof typeof completionScripts
