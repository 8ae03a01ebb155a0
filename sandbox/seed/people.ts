/** A part of the world: names and places that go together. */
export interface Locale {
  readonly country: string;
  readonly first: readonly (readonly [name: string, gender: 1 | 2])[];
  readonly last: readonly string[];
  readonly streets: readonly string[];
  readonly cities: readonly (readonly [city: string, postalCode: string, region: string | null])[];
  readonly phone: string;
  readonly domain: string;
}

const men = (...names: string[]): (readonly [string, 1])[] => names.map((name) => [name, 1]);
const women = (...names: string[]): (readonly [string, 2])[] => names.map((name) => [name, 2]);

export const LOCALES: readonly Locale[] = [
  {
    country: 'Germany',
    first: [...men('Jörg', 'Hans-Jürgen', 'Matthias', 'Björn'), ...women('Käthe', 'Anneliese', 'Jürgine', 'Sophie')],
    last: ['Müller', 'Weiß', 'Schröder', 'von der Heide', 'Größer-Meier', 'Özdemir'],
    streets: ['Königstraße', 'Am Alten Markt', 'Straße des 17. Juni'],
    cities: [
      ['München', '80331', 'Bayern'],
      ['Köln', '50667', 'NRW'],
      ['Görlitz', '02826', 'Sachsen'],
    ],
    phone: '+49 89',
    domain: 'beispiel.example',
  },
  {
    country: 'France',
    first: [...men('François', 'Jean-Noël', 'Loïc', 'Rémi'), ...women('Zoé', 'Hélène', 'Maëlle', 'Agnès')],
    last: ["D'Estaing", 'Lefèvre', 'Béranger', 'Nuñez', "L'Hôpital", 'Œuvrard'],
    streets: ["Rue de l'Église", 'Boulevard Saint-Michel', 'Allée des Érables'],
    cities: [
      ['Besançon', '25000', null],
      ["L'Haÿ-les-Roses", '94240', 'Île-de-France'],
      ['Orléans', '45000', null],
    ],
    phone: '+33 1',
    domain: 'exemple.example',
  },
  {
    country: 'Poland',
    first: [...men('Łukasz', 'Grzegorz', 'Paweł'), ...women('Małgorzata', 'Żaneta', 'Śledziana')],
    last: ['Wójcik', 'Dąbrowska', 'Brzęczyszczykiewicz', 'Żółć', 'Kowalczyk'],
    streets: ['ul. Świętokrzyska', 'al. Jerozolimskie', 'pl. Wolności'],
    cities: [
      ['Łódź', '90-001', 'łódzkie'],
      ['Gdańsk', '80-831', 'pomorskie'],
    ],
    phone: '+48 22',
    domain: 'przyklad.example',
  },
  {
    country: 'United States',
    first: [...men('John', 'D’Angelo', 'Earl', 'José'), ...women('Mary Ann', 'Shaniqua', 'Jo', 'Grace')],
    last: ["O'Neil", 'Smith', 'van Buren', 'St. John', 'Null', 'True'],
    streets: ['Main St.', 'W 42nd Street, Apt. #7', 'Martin Luther King Jr. Blvd'],
    cities: [
      ['New York', '10036', 'NY'],
      ['Coeur d’Alene', '83814', 'ID'],
      ['Winston-Salem', '27101', 'NC'],
    ],
    phone: '+1 212-555',
    domain: 'company.example',
  },
  {
    country: '日本',
    first: [...men('太郎', '健', '翔太'), ...women('花子', 'さくら', '美咲')],
    last: ['田中', '佐藤', '渡邊', '𠮷田', '髙橋'],
    streets: ['千代田1丁目', '中央区銀座4-6-16'],
    cities: [
      ['東京', '100-0001', '東京都'],
      ['大阪', '530-0001', '大阪府'],
    ],
    phone: '+81 3',
    domain: 'kaisha.example',
  },
  {
    country: 'مصر',
    first: [...men('محمد', 'عبد الله', 'أحمد'), ...women('فاطمة', 'نور', 'مريم')],
    last: ['الأنصاري', 'بن علي', 'حسن', 'عبد الرحمن'],
    streets: ['شارع التحرير', 'ميدان رمسيس'],
    cities: [
      ['القاهرة', '11511', null],
      ['الإسكندرية', '21500', null],
    ],
    phone: '+20 2',
    domain: 'sharika.example',
  },
  {
    country: 'Україна',
    first: [...men('Олексій', 'Юрій', 'Євген'), ...women('Ганна', 'Їванна', 'Зоряна')],
    last: ['Шевченко', "Лук'яненко", 'Ґалаґан', 'Щербак'],
    streets: ['вул. Хрещатик', 'просп. Перемоги'],
    cities: [
      ['Київ', '01001', null],
      ['Чернівці', '58000', null],
    ],
    phone: '+380 44',
    domain: 'firma.example',
  },
  {
    country: 'ישראל',
    first: [...men('דוד', 'יצחק'), ...women('שרה', 'רחל')],
    last: ['כהן', 'לוי', 'בן-דוד'],
    streets: ['רחוב הרצל', 'שדרות רוטשילד'],
    cities: [
      ['תל אביב-יפו', '6100000', null],
      ['חיפה', '3100000', null],
    ],
    phone: '+972 3',
    domain: 'hevra.example',
  },
  {
    country: 'India',
    first: [...men('अर्जुन', 'Venkatanarasimharajuvaripeta'), ...women('प्रिया', 'Lakshmi')],
    last: ['शर्मा', 'Subramanian', 'पाटिल'],
    streets: ['महात्मा गांधी मार्ग', '100 Feet Road'],
    cities: [
      ['मुंबई', '400001', 'महाराष्ट्र'],
      ['Bengaluru', '560001', 'Karnataka'],
    ],
    phone: '+91 22',
    domain: 'vyapar.example',
  },
];

/** Values that are allowed and yet trip careless code. All fit into Campaign's fields. */
export const ODD_NAMES: readonly string[] = [
  ' Leading',
  'Trailing ',
  'Emoji 🦄👨‍👩‍👧',
  '"Quoted" \\ Name',
  'Tab\tInside',
  "Robert'); DROP--",
  '<b>Bold</b> & Co',
  'Zero\u200bWidth',
  '‮RTL override‬',
  'null',
  '0',
  'NaN',
  '=1+1',
  'É combined',
  'Soft\u00adHyphen',
  '{{ $json.id }}',
];

/** Texts of descriptions: with line breaks, very long, with other scripts. */
export const ODD_NOTES: readonly string[] = [
  'Line one\r\nLine two\nLine three',
  'Lorem ipsum dolor sit amet, '.repeat(60).trim(),
  '🦄'.repeat(200),
  'a;b\tc,"d"|e',
  'Met at the fair. Prefers calls after 17:00 — „nur mit Termin“.',
];

export const JOBS: readonly string[] = [
  'Buyer',
  'Geschäftsführerin',
  'Directeur général',
  '部長',
  'CEO & Founder',
  'R&D / QA',
];
export const COMPANY_WORDS: readonly string[] = [
  'Contoso',
  'Fabrikam',
  'Müller & Söhne',
  'Société Générale d’Exemples',
  '北京实例',
  'Łódź Works',
  'A. Datum',
];
