/**
 * Words by which people say the same thing, each group under the word that names it. A phrase is written
 * with underscores; all forms of a word count. A word may stand in several groups.
 */
export const THESAURUS: Readonly<Record<string, string>> = {
  // Acts.
  buy: 'buy purchase order acquire checkout place procure',
  remove: `remove delete erase discard drop destroy purge wipe trash bin kill throw_away throw_out
    throw_it_out throw_it_away get_rid clean_up dispose scrap eliminate take_off take_out forget
    dissolve obsolete no_longer unneeded outdated unused chuck ditch nuke expunge unlink clear empty
    strip do_away_with can_go has_to_go never_use`,
  revoke: `revoke withdraw invalidate disable deactivate kill block cut_off stop unshare
    stop_working no_longer`,
  cancel: `cancel abort abandon stop give_up call_off undo withdraw terminate not_want_any
    scrap`,
  create: `create make add new start begin set_up build establish generate register open found
    define put_together fresh`,
  save: 'save store keep remember retain record preserve put_on_file write_down note_down',
  change: `change edit update modify adjust alter correct fix amend revise set replace switch move
    raise lower increase decrease turn_into rather_than instead_of should_be should_become wrong
    tweak shift`,
  rename: 'rename name title label call_it new_name another_name be_called retitle',
  show: 'show read get see view display look present open fetch details describe tell inspect',
  list: 'list all which every overview browse exist available',
  describe: 'describe explain tell_me details about information what_is definition meaning mean',
  find: `find search look_for look_up query discover locate hunt filter anything hit match
    do_we_have`,
  copy: 'copy duplicate clone replicate second another_one',
  cut: 'cut clip crop trim extract subset chop carve slice chip',
  run: `run execute launch start begin trigger dispatch kick_off perform apply carry_out submit go
    get_going get_it_going`,
  compute: 'compute calculate work_out evaluate derive measure',
  check: 'check validate verify test try correct valid right dry_run make_sure whether',
  accept: `accept agree approve confirm consent sign take go_for say_yes go_ahead take_option
    go_for_option is_fine ok yes greenlight`,
  reject: 'reject decline refuse deny turn_down say_no veto forbid say_no_to',
  decide: 'decide decision answer accept reject choose approve decline pick select vote',
  approve: 'approval approve sign_off permission authorize go_ahead',
  pause: `pause mute silence suspend disable stop for_now deactivate switch_off turn_off
    temporarily`,
  resume: 'resume enable reactivate activate turn_on switch_on',
  restore: 'restore bring_back unarchive recover undo reactivate rollback',
  archive: 'archive shelve retire put_away out_of_sight hide finished',
  hide: 'hide dismiss out_of_sight put_away invisible',
  share: 'share publish public outside external without_account guest hand_out unshare',
  download: 'download fetch retrieve export save pull get_file grab obtain get_hold_of',
  upload: 'upload ingest import push put send transfer',
  watch: `watch monitor observe surveil alert alarm warn keep_an_eye whenever as_soon_as
    each_time every_time`,
  notify: `notify tell inform call warn alert ping message post callback email sms slack
    let_me_know let_us_know each_time every_time as_soon_as`,
  mark: 'mark tick flag acknowledge',
  trace: `trace lineage provenance origin ancestry derive derived history parents come_from source
    made_from child parent chain ancestor descendant`,
  invite: 'invite add_member join bring_into let_in grant give_access',
  member: `member user person colleague teammate people participant somebody staff employee
    contractor collaborator customer client partner`,
  finish: `finish complete close end conclude finalize wrap_up done ready finished over arrived
    came_out`,
  default: 'default standard preferred main primary first always from_now_on',
  instead: 'instead rather other different switch swap replace',

  // Money.
  price: `price cost quote quotation estimate how_much fee expensive charge budget
    how_many_credits worth pay afford cheap rate tariff expense outlay bargain cheaper in_total`,
  credits: 'credits credit money funds balance wallet fund cash',
  topup: `topup top_up recharge refill buy_credits add_credits load more_credits put_credits
    refuel ran_out run_out replenish`,
  automatic: `automatic automatically auto by_itself by_themselves whenever recurring on_their_own
    on_its_own unattended`,
  card: 'card visa mastercard amex payment_method credit_card debit pay payment',
  invoice: 'invoice bill receipt',
  statement: 'statement ledger transactions account history',
  plan: 'plan tier subscription package pricing',
  consumption: 'usage use used consume consumption quota spent burn peak bandwidth',
  commitment: 'commitment committed commit minimum_spend contract obligation bound owe',
  sale: 'sale sell buy offer marketplace market commercial shop',

  // Things.
  picture: `picture image photo preview snapshot quicklook thumbnail jpeg jpg png look_like glance
    draw drawing screenshot shot glimpse peek`,
  imagery: 'imagery image scene capture picture photo acquisition',
  item: 'item scene image raster dataset picture record entry layer',
  file: 'file asset geotiff tiff tif attachment deliverable raster ortho orthomosaic',
  metadata: 'metadata details information properties facts about cloud_cover',
  collection: 'collection folder group directory dataset album',
  project: 'project workspace',
  organization: 'organization organisation company team enterprise firm business tenant account',
  webhook: 'webhook hook callback endpoint event_subscription subscription receiver listener',
  alert: 'alert alarm warning rule monitor trigger',
  fired: 'fired fire event triggered went_off go_off happened',
  notification: 'notification message news inbox bell badge',
  unread: 'unread new not_read unseen',
  seen: 'read seen handled dealt acknowledge noted',
  license: 'license licence eula agreement terms conditions legal contract',
  document: 'document text paper pdf',
  key: 'key token credential secret access',
  link: 'link url address href where embed iframe',
  signed: 'signed presigned short_lived temporary',
  vendor: `vendor provider supplier company host seller operator who_sells manufacturer reseller
    maxar airbus planet satellogic capella iceye umbra blacksky`,
  satellite: `satellite sensor constellation camera instrument spacecraft landsat sentinel spot
    pleiades worldview planetscope skysat`,
  source: 'source dataset data_source archive provider',
  sample: 'sample example demo trial try_out test free',
  style: `style visualization rendering profile symbology look colour display composite render
    view`,
  colour: 'colour color colormap palette ramp gradient hue paint tint shade legend',
  stretch: 'stretch rescale contrast percentile histogram range value minimum maximum',
  tile: 'tile xyz slippy zoom wms tms',
  map: 'map webmap leaflet maplibre mapbox openlayers web_map tilejson globe cesium',
  gis: 'gis qgis arcgis wmts ogc desktop',
  formula: 'formula expression equation band_math index math',
  index: 'index indices ndvi evi ndwi nbr savi vegetation greenness water moisture ndmi ndre gndvi',
  band: `band channel wavelength red green blue nir infrared panchromatic multispectral
    hyperspectral thermal swir rededge`,
  elevation: 'elevation dem dtm height terrain relief topography bathymetry depth altitude',
  lidar: 'lidar laser gedi icesat altimetry footprint photon point',
  statistics: 'statistics stats mean average sum median zonal percentile maximum minimum',
  series: `time_series trend develop development change_over over_time evolution between history
    timeline`,
  difference: 'compare comparison difference differ change_detection before_and_after',
  loose: 'uncollected loose unsorted unassigned not_in_any',
  analysis: 'analysis analytics method capability',
  process: `process algorithm pansharpen orthorectification processing model procedure tool
    superresolution segmentation classification denoise coregistration`,
  job: 'job run task work execution processing',
  status: `status state progress how_far finished done ready running fail failed pending complete
    yet still stand busy going percent log`,
  pending: 'pending waiting wait undecided open outstanding queue await sign_off still_to',
  result: 'result output product outcome deliverable deliver came_out produce',
  order: 'order purchase booking',
  cart: 'cart basket captures',
  tasking: `tasking task new_acquisition new_capture fresh on_demand point photograph future
    upcoming photographed_anew from_space anew take_new new_pictures new_picture`,
  pass: 'pass overpass flyover opportunity when_will schedule orbit overflight fly_over',
  feasibility: 'feasibility feasible possible study likely chance',
  coverage: 'coverage cover covered captured missing remaining how_much_of percent',
  template: 'template preset saved_settings reuse',
  parameters: `parameter param input field option argument setting schema require required form
    fill`,
  product: 'product data_product',
  mosaic: 'mosaic ready_made area region delivery_area bucket city',
  area: `area polygon aoi region boundary site place bbox box parcel field plot geometry paddock
    suburb farm town city rectangle bounding_box extent outline hectare acre`,
  date: `date day when time recent old age year month captured acquired quarter week weekly
    monthly latest oldest freshest vintage season night timestamp`,
  tag: 'tag label keyword annotate categorize',
  role: `role permission right viewer editor admin owner promote demote reader writer entitle
    able_to allowed_to`,
  storage: 'storage space room disk reserve quota gigabyte terabyte traffic egress',
  report: 'report pdf summary write_up findings brief writeup conclusion',
  every: 'all every everything whole entire at_once across everywhere',
  many: 'many large bulk thousands huge stream',
  cloud: 'cloud cloudy cloudless cloudiness haze cloud_cover cloud_free',
  aerial: 'aerial airborne drone uav',
  debt: 'debt arrears overdue past_due behind unpaid owe owed',
  kind: 'kind type sort category what_sort',
};
