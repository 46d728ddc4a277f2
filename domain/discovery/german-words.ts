// German words of needs and what English listings call them. Each line is a field of life; "key=what it means". Keys are in the
// form a dictionary has; german.ts finds inflected and put-together words from them. Not a dictionary: common words of what people
// ask apps for, wider than what the catalogue holds today.

/** Words that hold a sentence together. `-`: says nothing here. */
export const GERMAN_SMALL_WORDS = `
der=the die=the das=the den=the dem=the des=of+the ein=a eine=a einen=a einem=a einer=a eines=of+a kein=no keine=no keinen=no
ich=I du=you wir=we ihr=you er=he sie=they es=it man=you mir=me mich=me dir=you uns=us euch=you ihn=him ihm=him ihnen=them sich=-
mein=my meine=my meinen=my meinem=my meiner=my meines=of+my dein=your deine=your unser=our unsere=our unseren=our unserem=our
unserer=our seine=his seinen=his ihre=their ihren=their ihrem=their ihrer=their
und=and oder=or aber=but denn=because weil=because wenn=when ob=whether dass=that damit=so daß=that
in=in im=in ins=into an=to am=on ans=to auf=on aus=from bei=at beim=at mit=with nach=to von=of vom=of vor=before zu=to zum=to
zur=to für=for über=about unter=under um=to durch=through gegen=against ohne=without zwischen=between während=during seit=since bis=to
als=as wie=how was=what wer=who wo=where wann=when warum=why welche=which welcher=which welches=which wieviel=how
nicht=not nur=only auch=also noch=still schon=already sehr=very mehr=more viel=much viele=many vieler=many alle=all alles=everything
allen=all etwas=something jemand=somebody nichts=nothing immer=always nie=never oft=often heute=today morgen=tomorrow gestern=yesterday
jeden=every jede=every jedes=every jeder=every hier=here dort=there dann=then bitte=please gern=- gerne=- mal=- doch=- ja=- eben=-
ist=is sind=are bin=am war=was waren=were sein=be wird=is werden=be wurde=was haben=have habe=have hat=has hatte=had hast=have
kann=can können=can könnte=could will=want wollen=want möchte=want möchten=want muss=must müssen=must soll=should sollen=should
sollte=should brauche=need braucht=needs brauchen=need suche=looking suchen=find gesucht=looking lassen=- lässt=lets lass=let
gibt=is machen=make mache=make macht=makes tun=do hilfe=help hilf=help helfen=help hilft=helps zwei=two drei=three vier=four fünf=five
`;

export const GERMAN_WORDS = `
schreiben=write text=text texte=texts brief=letter anschreiben=cover+letter bewerbung=job+application bewerben=apply+for+a+job
lebenslauf=resume rede=speech trauerrede=eulogy hochzeit=wedding geburtstag=birthday beerdigung=funeral gedicht=poem
geschichte=story roman=novel buch=book kapitel=chapter figur=character aufsatz=essay hausarbeit=term+paper bachelorarbeit=thesis
masterarbeit=thesis doktorarbeit=thesis abschlussarbeit=thesis rechtschreibung=spelling grammatik=grammar komma=comma fehler=mistakes
korrektur=correction korrigieren=correct lektorat=proofreading korrekturlesen=proofreading umformulieren=rephrase formulieren=phrase
kürzen=shorten überarbeiten=revise entwurf=draft absatz=paragraph stil=style blog=blog artikel=article beschreibung=description
beschreiben=describe produkt=product überschrift=headline zitat=quote anleitung=manual handbuch=manual bedienungsanleitung=user+manual
zusammenfassen=summarise zusammengefasst=summarised zusammenfassung=summary gutenacht=bedtime märchen=fairy+tale drehbuch=script skript=script
übersetzung=translation übersetzen=translate übersetzer=translator dolmetscher=interpreter dolmetschen=interpret sprache=language
sprachen=languages fremdsprache=foreign+language englisch=english deutsch=german französisch=french spanisch=spanish italienisch=italian
polnisch=polish türkisch=turkish russisch=russian arabisch=arabic chinesisch=chinese japanisch=japanese beglaubigt=certified
beglaubigen=certify urkunde=certificate geburtsurkunde=birth+certificate zeugnis=certificate dokument=document unterlagen=documents
sprechen=speak gespräch=conversation unterhaltung=conversation aussprache=pronunciation akzent=accent vokabel=vocabulary
gebärdensprache=sign+language speisekarte=menu
logo=logo marke=brand firma=company unternehmen=company gestalten=design entwerfen=design gestaltung=design design=design farbe=colour
schrift=font visitenkarte=business+card plakat=poster flyer=flyer einladung=invitation folie=slide folien=slides präsentation=presentation
vortrag=presentation raum=room zimmer=room wohnzimmer=living+room schlafzimmer=bedroom küche=kitchen bad=bathroom wohnung=flat
haus=house möbel=furniture einrichten=furnish einrichtung=interior wand=wall garten=garden balkon=balcony
pflanze=plant blume=flower baum=tree gemüse=vegetables umbau=renovation renovieren=renovate bauplan=building+plan skizze=sketch
zeichnung=drawing zeichnen=draw malen=paint gemälde=painting muster=pattern schnittmuster=sewing+pattern nähen=sew
stricken=knit kleid=dress kleidung=clothes mode=fashion schuhe=shoes tätowierung=tattoo drucken=print drucker=printer
bild=picture foto=photo fotografie=photo aufnahme=recording passbild=passport+photo passfoto=passport+photo bewerbungsfoto=professional+headshot
porträt=portrait hintergrund=background entfernen=remove freistellen=cut+out vergrößern=enlarge vergrößerung=enlargement
auflösung=resolution verbessern=improve schärfen=sharpen unscharf=blurry restaurieren=restore restaurierung=restoration
reparieren=repair reparatur=repair alt=old beschädigt=damaged kratzer=scratches schwarzweiß=black+and+white kolorieren=colourise
einfärben=colourise bearbeiten=edit bearbeitung=editing zuschneiden=crop umschlag=cover illustration=illustration vorschau=preview
video=video film=film schneiden=cut schnitt=editing kürzer=shorter untertitel=subtitles clip=clip erklärvideo=explainer+video
erklären=explain erklärung=explanation sprecher=voice+over synchronisieren=dub synchronisation=dubbing aufnehmen=record aufzeichnung=recording
ton=sound geräusch=noise rauschen=noise lärm=noise hall=echo stimme=voice gesang=vocals lied=song musik=music komponieren=compose
schlagzeug=drums instrument=instrument gitarre=guitar klavier=piano geige=violin singen=sing hörbuch=audiobook vorlesen=read+aloud
podcast=podcast sendung=episode abtippen=transcribe verschriftlichen=transcribe transkribieren=transcribe transkription=transcription
diktat=dictation diktieren=dictate interview=interview mitschrift=transcript klang=sound radio=radio
programm=program programmieren=programming programmierer=programmer programmierung=programming software=software code=code
quelltext=source+code testen=test fehlersuche=debugging sicherheit=security lücke=hole datenbank=database abfrage=query
abfragen=query webseite=website website=website internetseite=website homepage=website seite=page server=server
protokolldatei=log schnittstelle=api regulär=regular ausdruck=expression umstellen=migrate veraltet=outdated last=load
daten=data datei=file tabelle=spreadsheet tabellenkalkulation=spreadsheet zeile=row spalte=column doppelt=duplicate duplikat=duplicate
dublette=duplicate bereinigen=clean aufräumen=tidy+up säubern=clean diagramm=chart grafik=chart auswertung=analysis auswerten=analyse
statistik=statistics analysieren=analyse analyse=analysis vorhersage=forecast prognose=forecast umsatz=revenue umsatzprognose=sales+forecast
lager=stock bestand=stock sammeln=collect auslesen=extract einlesen=scan scannen=scan gescannt=scanned texterkennung=ocr karte=map
landkarte=map adresse=address bericht=report umfrage=survey antwort=answer kennzahl=figures zahl=number
forschung=research studie=study wissenschaft=science wissenschaftlich=scientific literatur=literature quelle=source
quellenangabe=citation literaturverzeichnis=bibliography recherche=research recherchieren=research patent=patent erfindung=invention
marktforschung=market+research wettbewerb=competitor wettbewerber=competitor konkurrenz=competitor nachricht=news nachrichten=news
zeitung=newspaper behauptung=claim wahr=true ahnen=ancestors ahnenforschung=genealogy stammbaum=family+tree vorfahr=ancestor
kirchenbuch=church+book familie=family
lernen=learn üben=practise übung=exercise nachhilfe=tutor unterricht=lessons lehrer=teacher lehrerin=teacher schule=school schüler=pupil
klasse=class kind=child kinder=children sohn=son tochter=daughter student=student studium=studies universität=university mathe=maths
mathematik=maths rechnen=calculate gleichung=equation bruchrechnung=fractions physik=physics chemie=chemistry biologie=biology
klausur=exam prüfung=exam abitur=final+exam hausaufgabe=homework arbeitsblatt=worksheet arbeitsblätter=worksheets karteikarte=flashcards
lernkarte=flashcards kurs=course anfänger=beginner rätsel=puzzle kreuzworträtsel=crossword führerschein=driving+licence
auswendig=memorise merken=remember vorstellungsgespräch=job+interview
besprechung=meeting sitzung=meeting protokoll=minutes notiz=note aufgabe=task termin=appointment terminplanung=scheduling
terminvereinbarung=appointment+booking kalender=calendar vereinbaren=arrange planen=plan planung=planning plan=plan planer=planner
dienst=shift dienstplan=shift+roster schicht=shift schichtplan=shift+roster einsatzplan=roster personal=staff mitarbeiter=staff
angestellte=employees pflege=nursing pflegekraft=nurse pflegekräfte=nurses kraft=power kellner=waiter urlaub=holiday arbeitszeit=working+time
zeiterfassung=time+tracking post=mail email=email mail=mail posteingang=inbox postfach=inbox newsletter=newsletter rundbrief=newsletter
formular=form ausfüllen=fill+in unterschrift=signature unterschreiben=sign signieren=sign signatur=signature elektronisch=electronic
zusammenfügen=merge verbinden=merge teilen=split umwandeln=convert verkleinern=compress komprimieren=compress umzug=moving+house
umziehen=move+house liste=list ordnen=sort sortieren=sort ordnung=order büro=office ideen=ideas idee=idea tafel=board organisieren=organise
anruf=phone+call anrufen=call telefon=phone telefonieren=phone telefonat=phone+call anrufbeantworter=answering+machine
werbung=advertising anzeige=advertisement werbetext=ad+copy kampagne=campaign kunde=customer kunden=customers kundin=customer
beitrag=post beiträge=posts soziale=social medien=media suchmaschine=search+engine gefunden=found schlagwort=keyword bekannter=better+known
reichweite=reach verkaufen=sell verkauf=sales vertrieb=sales angebot=offer angebote=offers kaltakquise=cold+calling interessent=lead
ansprechpartner=contact kontakt=contact händler=shop laden=shop geschäft=shop onlineshop=online+shop bewertung=review rezension=review
ausschreibung=tender fördermittel=grants förderung=grant antrag=application beantragen=apply+for spende=donation verein=association
verschicken=send versenden=send senden=send name=name namen=names gründen=start+a+company gründung=start-up
kundendienst=customer+support kundenservice=customer+support beschwerde=complaint frage=question fragen=questions beantworten=answer
automatisch=automatically chat=chat chatbot=chatbot empfang=reception
rechnung=invoice mahnung=payment+reminder mahnen=remind+to+pay zahlung=payment bezahlen=pay zahlen=pay beleg=receipt
quittung=receipt kassenbon=receipt spesen=expenses ausgabe=expense ausgaben=expenses einnahme=income buchhaltung=bookkeeping
buchführung=bookkeeping steuer=tax steuererklärung=tax+return finanzamt=tax+office haushaltsbuch=household+budget haushalt=household
geld=money sparen=save+money konto=bank+account kontoauszug=bank+statement bank=bank schulden=debt kredit=loan
versicherung=insurance aktie=stocks aktien=stocks wertpapier=securities anlage=investment anlegen=invest lohn=wage gehalt=salary
lohnabrechnung=payroll gehaltsabrechnung=payslip freiberufler=freelancer selbständig=self-employed selbstständig=self-employed
mehrwertsteuer=vat umsatzsteuer=vat preis=price kosten=costs günstig=cheap billig=cheap teuer=expensive erstattung=refund
vertrag=contract mietvertrag=lease+agreement arbeitsvertrag=employment+contract kaufvertrag=purchase+contract prüfen=check überprüfen=check
klausel=clause recht=legal anwalt=lawyer rechtlich=legal datenschutz=privacy datenschutzerklärung=privacy+policy impressum=legal+notice
allgemeine=general geschäftsbedingungen=terms+and+conditions kündigen=cancel kündigung=notice+of+termination vermieter=landlord
mieter=tenant miete=rent testament=will erbe=inheritance erben=inherit vollmacht=power+of+attorney vorsorgevollmacht=power+of+attorney
patientenverfügung=living+will visum=visa aufenthalt=residence behörde=authorities amt=authorities bußgeld=fine
strafzettel=parking+ticket knöllchen=parking+ticket einspruch=objection widerspruch=objection markenrecht=trademark
essen=meal abendessen=dinner mittagessen=lunch frühstück=breakfast mahlzeit=meal essensplan=meal+plan ernährung=nutrition ernährungsplan=meal+plan speiseplan=meal+plan kochen=cook
rezept=recipe rezepte=recipes einkauf=shopping einkaufen=shopping einkaufsliste=shopping+list abnehmen=lose+weight diät=diet
zählen=count kalorien=calories kalorie=calories gesund=healthy gesundheit=health vegetarisch=vegetarian allergie=allergy sport=sport
training=training trainieren=train laufen=running lauf=running übungen=exercises muskel=muscle schlafen=sleep einschlafen=fall+asleep
schlaf=sleep schlaflos=insomnia beruhigen=calm+down entspannen=relax entspannung=relaxation atmen=breathing meditieren=meditate
meditation=meditation stress=stress angst=anxiety tagebuch=diary stimmung=mood arzt=doctor krank=ill krankheit=disease
symptom=symptoms schmerz=pain haut=skin hautfleck=mole muttermal=mole medikament=medicine baby=baby säugling=baby stillen=breastfeeding hund=dog
katze=cat haustier=pet tier=animal tierarzt=vet
reise=trip reisen=travel reiseplan=itinerary urlaubsplan=holiday+plan rundreise=round+trip ausflug=day+trip stadt=city flug=flight
flüge=flights fliegen=fly flughafen=airport gepäck=luggage verspätung=delay verspätet=delayed entschädigung=compensation bahn=train zug=train
hotel=hotel unterkunft=accommodation ferienwohnung=holiday+flat wandern=hiking wanderung=hike hütte=hut zelten=camping camping=camping
zelt=tent route=route strecke=route wetter=weather
spiel=game spielen=play spieler=player rollenspiel=role-playing+game spielleiter=game+master abenteuer=adventure schach=chess
partie=game quizfragen=quiz+questions quiz=quiz abend=evening freund=friend freunde=friends unterhalten=entertain
auto=car wagen=car motor=engine werkstatt=garage fahrrad=bicycle wein=wine energie=energy strom=electricity heizung=heating
heizkosten=heating+costs wasser=water waschmaschine=washing+machine kühlschrank=fridge möbelstück=furniture handwerker=tradesman klempner=plumber
elektriker=electrician putzen=cleaning putzhilfe=cleaner mieten=rent kaufen=buy bestellen=order liefern=deliver lieferung=delivery
buchen=book reservieren=reserve tisch=table karten=cards ticket=ticket eintrittskarte=ticket handy=mobile+phone computer=computer
pizza=pizza pizzeria=pizzeria restaurant=restaurant gaststätte=restaurant bäckerei=bakery café=cafe friseur=hairdresser friseursalon=hair+salon
praxis=medical+practice klinik=clinic zahnarzt=dentist firmenname=company+name job=job arbeit=work beruf=profession stelle=position
bruder=brother schwester=sister mutter=mother vater=father oma=grandmother opa=grandfather großmutter=grandmother großvater=grandfather
eltern=parents frau=wife mann=husband mensch=person leute=people partner=partner
neu=new gut=good besser=better beste=best schnell=fast einfach=simple kurz=short lang=long groß=large klein=small schön=nice
kostenlos=free gratis=free richtig=correct falsch=wrong verloren=lost kaputt=broken seltsam=strange eigen=own persönlich=personal
erstellen=create erzeugen=generate generieren=generate herstellen=make anfertigen=make finden=find vergleichen=compare vergleich=comparison
verfolgen=track führen=keep überwachen=monitor kontrollieren=check verwalten=manage verwaltung=management verstehen=understand
lesen=read hören=listen sehen=see zeigen=show bauen=build aufbauen=build ändern=change löschen=delete speichern=save hochladen=upload
herunterladen=download abbauen=reduce loswerden=get+rid+of vermeiden=avoid anfangen=start beginnen=start starten=start beenden=end
bekommen=get erhalten=get bringen=bring holen=fetch aussehen=look wissen=know denken=think entscheiden=decide
stunde=hour minute=minute tag=day woche=week monat=month jahr=year wochenende=weekend monatlich=monthly täglich=daily
wöchentlich=weekly zeit=time euro=euros dollar=dollars token=tokens höchstens=at+most maximal=at+most mindestens=at+least
nächste=next letzte=last italien=italy frankreich=france spanien=spain deutschland=germany österreich=austria schweiz=switzerland
kanada=canada england=england amerika=america europa=europe
`;
