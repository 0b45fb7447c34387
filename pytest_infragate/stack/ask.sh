# Runs inside a caller's container that has no Python: asks with bash's /dev/tcp or with nc, prints one line per fact.
# $1: bash or nc; then seven words per question: index host address-or-dash port-or-dash timeout payload read.
# The payload is a format of printf. Lines: R index address..., N index text, T index address exit-code text.

names() { # addresses of a name, from the hosts file and from the name server
  for database in ahosts hosts; do
    timeout "$2" getent $database "$1" 2>/dev/null
    case $? in 0|2|124|143) return ;; esac # found, not found, no answer in time; anything else: getent cannot tell
  done
  while read -r address known; do
    for name in $known; do [ "$name" = "$1" ] && echo "$address"; done
  done </etc/hosts
  timeout "$2" $NSLOOKUP "$1" 2>/dev/null | sed -n '/^Name/,$ s/^Address[^:]*:[[:space:]]*\([0-9a-fA-F.:]*\).*/\1/p'
}

once() { # each address once
  all=''
  while read -r address rest; do
    case " $all " in *" $address "*) continue ;; esac
    all="$all $address"
  done
  echo $all
}

ask_bash() { # address port timeout payload read
  timeout "$3" bash -c '
    begun=$EPOCHREALTIME; exec 3<>"/dev/tcp/$0/$1" || exit 1
    echo "open ${begun:-0} ${EPOCHREALTIME:-0}"
    [ "$3" -gt 0 ] || exit 0
    printf "$2" >&3; dd bs="$3" count=1 <&3 2>/dev/null | od -An -v -tx1 | tr -d " \n"
    echo " ${EPOCHREALTIME:-0}"' "$1" "$2" "$4" "$5" 2>&1
}

ask_nc() { # address port timeout payload read; BusyBox knows -e or -z, by how it was built
  said=$(timeout "$3" $NC -v -z -w "$3" "$1" "$2" 2>&1 </dev/null); code=$?
  case "$said" in *option*|*sage:*) said=$(timeout "$3" $NC -w "$3" "$1" "$2" -e true 2>&1 </dev/null); code=$? ;; esac
  [ "$code" = 0 ] || { echo "$said"; return "$code"; }
  echo 'open 0 0'
  [ "$5" -gt 0 ] || return 0
  printf "$4" | timeout "$3" $NC -w "$3" "$1" "$2" 2>/dev/null | dd bs="$5" count=1 2>/dev/null | od -An -v -tx1 | tr -d ' \n'
}

NC=nc; command -v nc >/dev/null 2>&1 || NC='busybox nc'
NSLOOKUP=nslookup; command -v nslookup >/dev/null 2>&1 || NSLOOKUP='busybox nslookup'
how=$1; shift
while [ $# -ge 7 ]; do
  addresses=$3
  [ "$3" != - ] || addresses=$(names "$2" "$5" | once)
  if [ -n "$addresses" ]; then echo "R $1 $addresses"; else echo "N $1 the name server knows no such name"; fi
  for address in $addresses; do
    [ "$4" != - ] || continue
    text=$("ask_$how" "$address" "$4" "$5" "$6" "$7"); code=$?
    echo "T $1 $address $code $(echo "$text" | tr '\n' ' ')"
  done
  shift 7
done
