/**
 * Names of fields that Campaign itself brings along for profiles and services, as far as its refusals may name them
 * (docs/facts/campaign.md, "JSON" and "Opt-outs").
 */
const BUILT_IN: ReadonlySet<string> = new Set(
  `externalId salutation title firstName middleName lastName email birthDate age gender emailFormat mobilePhone phone
  fax preferredLanguage timeZone created lastModified cryptedId domain status thumbnail subscriptions service profile
  location address1 address2 address3 address4 city zipCode stateCode countryCode location.address1 location.address2
  location.address3 location.address4 location.city location.zipCode location.stateCode location.countryCode blackList
  blackListEmail blackListFax blackListMobile blackListPhone blackListPostalMail blackListPushnotification ccpaOptOut
  blackListAllLastModified blackListLastModified blackListEmailLastModified blackListFaxLastModified
  blackListMobileLastModified blackListPhoneLastModified blackListPostalMailLastModified ccpaOptOutLastModified
  name label description href PKey`.split(/\s+/),
);

/** Whether a word is the name of a field: one of Campaign's own, or one of the customer's, which begin with `cus`. */
export function isFieldName(word: string): boolean {
  return BUILT_IN.has(word) || /^cus[A-Z]\w{0,60}$/.test(word);
}
