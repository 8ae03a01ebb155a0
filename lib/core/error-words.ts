/**
 * The words that error texts of databases, web services and gateways are made of: all that may be quoted of a server's
 * prose. A word that could be a person's, a place's or a product's name is none of them.
 */
export const ERROR_WORDS: ReadonlySet<string> = new Set(
  `a about abort aborted accept accepted access account active activity actual add added address administrator after
  again against all allow allowed already also alternate ambiguous an and another any api applied application are
  argument arguments as assertion associated async at attempt attempts attribute attributes audience authentication
  authorization authorized available back bad base be became because been before behind being belong beyond body boolean
  both bound broken bulk business busy but by bytes cache call called calls can can't cancel canceled canceling cannot
  cascade cause caused certificate change changed character characters check choice choices circular client close closed
  code codes collation collection column columns command commands commit communication compare concurrency condition
  configuration configured conflict connect connected connecting connection connections consent constraint contact
  contain contains content context conversion convert converted corrupt could couldn't count create created credential
  credentials currency current currently cursor custom customer cut data database date day days deadlock deadlocked
  decimal decrypt default defined definition delete deleted delivery denied depth describe details detected
  did didn't different digits disabled disconnect disk disconnected do document does doesn't domain don't done double
  down due duplicate duplicated during each element elements email e-mail empty enable enabled encoding encountered end
  ended endpoint entities entity entry enumeration error errors evaluate evaluating evaluation event exceed exceeded
  exceeds except exception executable execute executed executing execution exist existing exists expected expired
  expires export expression extension extra failed failing fails failure fault feature fetch field fields file
  files filter filters find first float folder for foreign format formatted forbidden found from full function gateway
  general generated generic get gives given global group guid had handle handler handshake has hasn't have header
  headers hold host hour hours html http https id identifier identity if ignored illegal implemented in inactive
  inconsistent incorrect index information inner input insert inserted instance insufficient integer integrity internal
  into invalid is isn't it its item items javascript json kept key keys kind known last later layout least length less
  license limit limited limits line lines link linked list load locked lock locks log login logical lookup lost
  made mail maintenance malformed managed mandatory many match matches matching maximum memory message metadata method
  milliseconds minimum minute minutes missing mode model modified modify module more most must name named names
  navigation needed negative nested network never next no node none not nothing null number numeric object objects
  occurred occurs of off offset on one only open operation operations option optional options or order organization
  origin other out outside over overflow overloaded owned owner owning package parameter parameters parent parse parsed
  parsing part partial parties party password path pattern payload per perform permission permissions permitted phone
  plug-in plugin please policy pool position positive precision prefix prepared present previous primary principal
  privilege privileges problem procedure process processed processing profile program prohibited properties property
  protected protocol proxy pipeline provide provided provider publish published queries query queue quota range rate
  reached read read-only readonly reading ready reason received record records reference referenced references refused
  refresh region register registered reject rejected relation relationship remote remove removed renamed repeated
  replace request requested requests require required requires reset resource resources response responses
  restricted result results retrieve retry return returned returns revoked right rights role rollback rolled
  root route row rows rule rules running save saved scale schema scope script second seconds section secure security
  see select send sent separator sequence server service session set setting settings several shall should shut
  signature signed size some something space specified sql start started starting state statement status step still
  stopped storage store stored string strings subscription subject such suffix supplied support supported syntax system
  table target temporarily temporary tenant terminated terminating test text than that the their them then there these
  they this threshold throttled time timed timeout times timestamp to token tokens too total transaction transient
  transport tried trigger truncated try trying two type types unable unauthorized unavailable undefined undeclared
  under unexpected unicode unique unit unknown unless unlocked unmanaged unreachable unrecognized unsupported until
  update updated updates updating upper uri url usable use used user users using valid validated validation value values
  varying version very view violated violates violation wait waiting was wasn't way were what when where whether which
  while who whole whose with within without work workflow write writing written wrong xml year you your zero zone
  beforesave postgresql oracle mysql adobe campaign dynamics dataverse microsoft odata oauth nms:recipient:gender`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Words that begin with a capital letter where they are a person's name. */
export const ALSO_NAMES: ReadonlySet<string> = new Set(
  `base bond case count day field guid host last link lock page part policy power price root rule second small
  space string store view way workman wait write zone`.split(/\s+/),
);
