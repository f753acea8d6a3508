// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Stage tells how far an order of names has come, in the same words for every vendor.
type Stage string

// The stages of an order.
const (
	// StageUnplaced means that the order was not placed at the CA yet: there is nothing to publish.
	StageUnplaced Stage = "unplaced"
	// StageTokenAssigned means that the CA waits for records.
	StageTokenAssigned Stage = "token_assigned"
	// StageValidated means that every domain is validated.
	StageValidated Stage = "validated"
	// StageIssued means that the certificate is issued.
	StageIssued Stage = "issued"
	// StageFailed means that the CA rejected a domain.
	StageFailed Stage = "failed"
	// StageCanceled means that the order was canceled.
	StageCanceled Stage = "canceled"
)

// Status tells where one domain stands.
type Status string

// The statuses of a domain.
const (
	StatusPending   Status = "pending"
	StatusValidated Status = "validated"
	StatusFailed    Status = "failed"
)

// tokenValidity is how long tokens can be used, and validationReuse how long a validation holds.
const (
	tokenValidity   = 30 * 24 * time.Hour
	validationReuse = 199 * 24 * time.Hour
)

// ErrNotFound says that there is no object with an id; ErrSample that an object is a sample, which never changes.
var (
	ErrNotFound = errors.New("no such object")
	ErrSample   = errors.New("samples do not change")
)

// Process is a Realtime Register process of the type "certificate" to add.
type Process struct {
	// ID is the process id; empty has one assigned.
	ID ID `json:"id"`
	// Names are the names to validate, as ordered; the first is the common name.
	Names []string `json:"names"`
	// Method is "DNS" (default), "EMAIL" or "FILE".
	Method string `json:"method"`
	// DNSType is "CNAME" (default) or "TXT".
	DNSType string `json:"dns_type"`
	// CA is the form of the records: "sectigo" (default) or "digicert".
	CA string `json:"ca"`
	// OmitDNSType leaves dnsType out, as before March 2024, and TrailingDots ends names with a dot: the API does both.
	OmitDNSType  bool `json:"omit_dns_type"`
	TrailingDots bool `json:"trailing_dots"`
	// Validated are the names that are validated before the order is placed, as domains of a company account are.
	Validated []string `json:"validated"`
	// Unplaced keeps the order in StageUnplaced until Place, or until the read after PlaceAfterReads reads of it if that is
	// not 0.
	Unplaced        bool `json:"unplaced"`
	PlaceAfterReads int  `json:"place_after_reads"`
}

// Certificate is a CPS certificate request to add.
type Certificate struct {
	// ID is the certificate id; empty has one assigned.
	ID ID `json:"id"`
	// Names are the domains; the first is the common name.
	Names []string `json:"names"`
	// Label is the certificate_label; default: the common name.
	Label string `json:"label"`
	// Method is "DnsTxtToken" (default), "DnsCnameToken" or "Email".
	Method string `json:"method"`
	// ValidationType is "DV" (default), "OV" or "EV". A DV certificate has one token for all domains.
	ValidationType string `json:"validation_type"`
	// Validated, Unplaced and PlaceAfterReads: see Process.
	Validated       []string `json:"validated"`
	Unplaced        bool     `json:"unplaced"`
	PlaceAfterReads int      `json:"place_after_reads"`
}

// Order is a DigiCert certificate order to add.
type Order struct {
	// ID is the order id; empty has one assigned.
	ID ID `json:"id"`
	// Names are the DNS names; the first is the common name.
	Names []string `json:"names"`
	// Method is "dns-cname-token" (default), "dns-txt-token", "http-token", "http-token-dynamic" or "email".
	Method string `json:"method"`
	// Methods overrides the method for the domains (name scopes) that are its keys.
	Methods map[string]string `json:"methods"`
	// NameScope is "fqdn" (default) or "base_domain": validation of each name, or of the registrable domains.
	NameScope string `json:"name_scope"`
	// OrganizationID is the organization of an OV order; 0 makes a DV order.
	OrganizationID int64 `json:"organization_id"`
	// Validated, Unplaced and PlaceAfterReads: see Process.
	Validated       []string `json:"validated"`
	Unplaced        bool     `json:"unplaced"`
	PlaceAfterReads int      `json:"place_after_reads"`
}

// Challenge is one domain validation of an object and the record that it takes.
type Challenge struct {
	// Domain is what the CA validates, Names the names on the certificate that it covers.
	Domain string   `json:"domain"`
	Names  []string `json:"names"`
	// DomainID is the vendor's id of the domain, empty where there is none.
	DomainID ID     `json:"domain_id,omitempty"`
	Method   string `json:"method"`
	Status   Status `json:"status"`
	// Type, Name and Value are the record, empty before the order is placed and for methods without a record. Name and a
	// CNAME's Value have no trailing dot.
	Type  string `json:"type,omitempty"`
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
	// TokenExpires is when the token ends, ValidatedUntil when the validation does; zero where that does not apply.
	TokenExpires   time.Time `json:"token_expires,omitzero"`
	ValidatedUntil time.Time `json:"validated_until,omitzero"`
}

// State is the state of an order.
type State struct {
	Service    Service     `json:"service"`
	ID         ID          `json:"id"`
	Stage      Stage       `json:"stage"`
	Sample     bool        `json:"sample"`
	Reads      int         `json:"reads"`
	Challenges []Challenge `json:"challenges"`
}

// order is an order of names at one of the three vendors. The store's lock protects it.
type order struct {
	key        orderKey
	commonName string
	names      []string
	stage      Stage
	sample     bool
	placeAfter int
	reads      int
	renewing   bool
	created    time.Time
	modified   time.Time
	looked     time.Time       // when DNS was last looked at for it
	validated  map[string]bool // domains that are validated before the order is placed
	checks     []*check

	process     Process
	certificate Certificate
	digicert    Order
}

// orderKey identifies an order.
type orderKey struct {
	svc Service
	id  ID
}

// check is one domain validation of an order.
type check struct {
	Challenge
	process    Process // what a Realtime Register record depends on
	seed       string  // what the tokens are derived from
	generation int     // counts the tokens
	token      string
	approved   time.Time
}

// store holds the objects of the three vendors.
type store struct {
	mu        sync.Mutex
	orders    map[orderKey]*order
	domains   map[ID]*domain // DigiCert
	requests  map[ID]object  // DigiCert
	nextID    int64
	populated int64
	sorted    map[Service][]*order // by ascending id; an entry is dropped when it no longer holds
}

// domain is a DigiCert domain: one check of an order.
type domain struct {
	id    ID
	order *order
	check *check
}

// init empties the store.
func (st *store) init() {
	st.orders = map[orderKey]*order{}
	st.domains = map[ID]*domain{}
	st.requests = map[ID]object{}
	st.sorted = map[Service][]*order{}
	st.nextID = 60000
}

// id returns want, or a free id where that is empty. The caller holds the lock.
func (st *store) id(svc Service, want ID) (ID, error) {
	if want.Number() < 0 {
		return "", fmt.Errorf("sandbox: id %s is negative", want)
	}
	if want != "" {
		if _, taken := st.orders[orderKey{svc, want}]; taken {
			return "", fmt.Errorf("sandbox: %s already has an object %s", svc, want)
		}
		return want, nil
	}
	for {
		st.nextID++
		id := core.NumberID(st.nextID)
		if _, taken := st.orders[orderKey{svc, id}]; !taken {
			return id, nil
		}
	}
}

// domainID is the id of the domain at an index of an order.
func domainID(order ID, i int) ID { return core.NumberID(order.Number()*1000 + int64(i) + 1) }

// canonical returns a name as the CA validates it: lower-case, without "*." and trailing dot.
func canonical(name string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(name, "*."), "."))
}

// oneOf checks a value against those allowed; empty means the first.
func oneOf(what, value string, allowed ...string) (string, error) {
	if value == "" {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, value) {
		return "", fmt.Errorf("sandbox: %s %q is not one of %s", what, value, strings.Join(allowed, ", "))
	}
	return value, nil
}

// AddProcess adds a Realtime Register process and returns its id.
func (s *Sandbox) AddProcess(p Process) (ID, error) {
	var errs [3]error
	p.Method, errs[0] = oneOf("method", p.Method, "DNS", "EMAIL", "FILE")
	p.DNSType, errs[1] = oneOf("DNS type", p.DNSType, "CNAME", "TXT")
	p.CA, errs[2] = oneOf("CA", p.CA, "sectigo", "digicert")
	if err := errors.Join(errs[:]...); err != nil {
		return "", err
	}
	return s.add(RealtimeRegister, p.ID, p.Names, p.Validated, p.Unplaced, p.PlaceAfterReads, func(o *order) {
		o.process = p
		for _, name := range p.Names {
			// One entry a name; a wildcard and its parent get equal records, as they have the same domain.
			o.checks = append(o.checks, &check{
				Challenge: Challenge{Domain: name, Names: []string{name}, Method: p.Method, Status: StatusPending},
				process:   p,
				seed:      fmt.Sprintf("%s %s", o.key.id, canonical(name)),
			})
		}
	})
}

// AddCertificate adds a CPS certificate request and returns its id. Its domains get the ids id*1000+1 and so on.
func (s *Sandbox) AddCertificate(c Certificate) (ID, error) {
	var errs [2]error
	c.Method, errs[0] = oneOf("method", c.Method, "DnsTxtToken", "DnsCnameToken", "Email")
	c.ValidationType, errs[1] = oneOf("validation type", c.ValidationType, "DV", "OV", "EV")
	if err := errors.Join(errs[:]...); err != nil {
		return "", err
	}
	return s.add(CPS, c.ID, c.Names, c.Validated, c.Unplaced, c.PlaceAfterReads, func(o *order) {
		if c.Label == "" {
			c.Label = o.commonName
		}
		o.certificate = c
		for i, name := range c.Names {
			seed := fmt.Sprint(o.key.id)
			if c.ValidationType != "DV" {
				seed += " " + canonical(name)
			}
			o.checks = append(o.checks, &check{
				Challenge: Challenge{
					Domain: name, Names: []string{name}, DomainID: domainID(o.key.id, i),
					Method: c.Method, Status: StatusPending,
				},
				seed: seed,
			})
		}
	})
}

// AddOrder adds a DigiCert order and returns its id. Its domains get the ids id*1000+1 and so on.
func (s *Sandbox) AddOrder(d Order) (ID, error) {
	methods := []string{"dns-cname-token", "dns-txt-token", "http-token", "http-token-dynamic", "email"}
	var errs [2]error
	d.Method, errs[0] = oneOf("method", d.Method, methods...)
	d.NameScope, errs[1] = oneOf("name scope", d.NameScope, "fqdn", "base_domain")
	d.Methods = maps.Clone(d.Methods)
	for _, m := range d.Methods {
		_, err := oneOf("method", m, methods...)
		errs[1] = errors.Join(errs[1], err)
	}
	scopes := map[string][]string{}
	var inOrder []string
	for _, name := range d.Names {
		scope := canonical(name)
		if d.NameScope == "base_domain" {
			base, err := dcv.RegistrableDomain(scope)
			if err != nil {
				return "", fmt.Errorf("sandbox: %w", err)
			}
			scope = base
		}
		if _, ok := scopes[scope]; !ok {
			inOrder = append(inOrder, scope)
		}
		scopes[scope] = append(scopes[scope], name)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return "", err
	}
	return s.add(DigiCert, d.ID, d.Names, d.Validated, d.Unplaced, d.PlaceAfterReads, func(o *order) {
		o.digicert = d
		for i, scope := range inOrder {
			method := d.Method
			if m, ok := d.Methods[scope]; ok {
				method = m
			}
			c := &check{
				Challenge: Challenge{
					Domain: scope, Names: scopes[scope], DomainID: domainID(o.key.id, i),
					Method: method, Status: StatusPending,
				},
				seed: fmt.Sprintf("%s %s", o.key.id, scope),
			}
			o.checks = append(o.checks, c)
			s.store.domains[c.DomainID] = &domain{id: c.DomainID, order: o, check: c}
		}
	})
}

// add makes an order; fill adds its checks.
func (s *Sandbox) add(svc Service, id ID, names, validated []string, unplaced bool, placeAfter int, fill func(*order)) (ID, error) {
	if len(names) == 0 {
		return "", errors.New("sandbox: an order needs a name")
	}
	for _, name := range names {
		if canonical(name) == "" {
			return "", fmt.Errorf("sandbox: %q is not a name", name)
		}
	}
	if placeAfter < 0 {
		return "", fmt.Errorf("sandbox: place_after_reads %d is negative", placeAfter)
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	id, err := s.store.id(svc, id)
	if err != nil {
		return "", err
	}
	now := time.Now().UTC()
	o := &order{
		key: orderKey{svc, id}, commonName: names[0], names: slices.Clone(names),
		stage: StageUnplaced, placeAfter: placeAfter, created: now, modified: now, validated: map[string]bool{},
	}
	for _, name := range validated {
		o.validated[canonical(name)] = true
	}
	fill(o)
	s.store.orders[o.key] = o
	delete(s.store.sorted, svc)
	if !unplaced && placeAfter == 0 {
		o.place(now)
	}
	return id, nil
}

// list returns the orders of a service by ascending id, without those that are there to answer errors: a list would make a
// reader of all its orders run into them. The caller holds the lock.
func (st *store) list(svc Service) []*order {
	if all, ok := st.sorted[svc]; ok {
		return all
	}
	var all []*order
	for key, o := range st.orders {
		if key.svc == svc && !answersErrors(key.id) {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *order) int { return a.key.id.Compare(b.key.id) })
	st.sorted[svc] = all
	return all
}

// edit runs change on an order that is no sample, under the lock.
func (s *Sandbox) edit(svc Service, id ID, change func(*order, time.Time) error) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	o, ok := s.store.orders[orderKey{svc, id}]
	if !ok {
		return fmt.Errorf("sandbox: %s %s: %w", svc, id, ErrNotFound)
	}
	if o.sample {
		return fmt.Errorf("sandbox: %s %s: %w", svc, id, ErrSample)
	}
	now := time.Now().UTC()
	if err := change(o, now); err != nil {
		return fmt.Errorf("sandbox: %s %s: %w", svc, id, err)
	}
	o.modified = now
	return nil
}

// editDomain runs change on the checks of one domain, or of all for "", and settles the stage.
func (s *Sandbox) editDomain(svc Service, id ID, domain string, change func(*check, time.Time)) error {
	return s.edit(svc, id, func(o *order, now time.Time) error {
		if o.stage == StageUnplaced {
			return errors.New("the order is not placed yet")
		}
		found := false
		for _, c := range o.checks {
			if domain == "" || canonical(c.Domain) == canonical(domain) {
				change(c, now)
				found = true
			}
		}
		if !found {
			return fmt.Errorf("domain %q: %w", domain, ErrNotFound)
		}
		o.settle()
		return nil
	})
}

// Place places an unplaced order: its domains get tokens. A placed one stays as it is.
func (s *Sandbox) Place(svc Service, id ID) error {
	return s.edit(svc, id, func(o *order, now time.Time) error {
		o.place(now)
		return nil
	})
}

// Validate makes a domain validated without looking at DNS; "" means every domain of the order.
func (s *Sandbox) Validate(svc Service, id ID, domain string) error {
	return s.editDomain(svc, id, domain, func(c *check, now time.Time) { c.validate(now) })
}

// Fail makes the CA reject a domain; "" means every domain of the order. Rotate starts anew.
func (s *Sandbox) Fail(svc Service, id ID, domain string) error {
	return s.editDomain(svc, id, domain, func(c *check, _ time.Time) { c.Status = StatusFailed })
}

// Rotate gives new tokens to all domains of an order, which are pending afterwards.
func (s *Sandbox) Rotate(svc Service, id ID) error {
	return s.editDomain(svc, id, "", func(c *check, now time.Time) { c.assign(svc, now) })
}

// Expire ends what a domain has; "" means every domain of the order. The token of a pending domain expires: no record
// validates it until Rotate. A validation lapses: the domain gets a new token and is pending.
func (s *Sandbox) Expire(svc Service, id ID, domain string) error {
	return s.editDomain(svc, id, domain, func(c *check, now time.Time) {
		if c.Status == StatusValidated {
			c.assign(svc, now)
			return
		}
		c.TokenExpires = now.Add(-time.Second).Truncate(time.Second)
	})
}

// Issue issues the certificate of an order whose domains are all validated.
func (s *Sandbox) Issue(svc Service, id ID) error {
	return s.edit(svc, id, func(o *order, _ time.Time) error {
		if o.stage != StageValidated && o.stage != StageIssued {
			return fmt.Errorf("the order is %s, not %s", o.stage, StageValidated)
		}
		o.stage, o.renewing = StageIssued, false
		return nil
	})
}

// Renew begins the renewal of an issued certificate and returns the id of the object that carries it on. At CPS and
// DigiCert that is the order itself, whose domains stay validated; at Realtime Register it is a new process with new
// records, and the old one stays as it is.
func (s *Sandbox) Renew(svc Service, id ID) (ID, error) {
	var again *Process
	err := s.edit(svc, id, func(o *order, _ time.Time) error {
		if o.stage != StageIssued {
			return fmt.Errorf("the order is %s, not %s", o.stage, StageIssued)
		}
		if svc == RealtimeRegister {
			p := o.process
			p.ID, p.Unplaced, p.PlaceAfterReads = "", false, 0
			again = &p
			return nil
		}
		o.renewing = true
		return nil
	})
	if err != nil || again == nil {
		return id, err
	}
	return s.AddProcess(*again)
}

// RenewAsNew places a new order like another one and returns its id. The other one stays as it is. The new one has new
// tokens, and what is validated in the old one needs validation again.
func (s *Sandbox) RenewAsNew(svc Service, id ID) (ID, error) {
	var add func() (ID, error)
	err := s.edit(svc, id, func(o *order, _ time.Time) error {
		switch svc {
		case RealtimeRegister:
			p := o.process
			p.ID, p.Unplaced, p.PlaceAfterReads, p.Validated = "", false, 0, nil
			add = func() (ID, error) { return s.AddProcess(p) }
		case CPS:
			c := o.certificate
			c.ID, c.Unplaced, c.PlaceAfterReads, c.Validated = "", false, 0, nil
			add = func() (ID, error) { return s.AddCertificate(c) }
		default:
			d := o.digicert
			d.ID, d.Unplaced, d.PlaceAfterReads, d.Validated = "", false, 0, nil
			add = func() (ID, error) { return s.AddOrder(d) }
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return add()
}

// Cancel cancels an order: it can never be validated any more.
func (s *Sandbox) Cancel(svc Service, id ID) error {
	return s.edit(svc, id, func(o *order, _ time.Time) error {
		o.stage, o.renewing = StageCanceled, false
		return nil
	})
}

// Remove removes an order with its domains, samples included.
func (s *Sandbox) Remove(svc Service, id ID) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	key := orderKey{svc, id}
	o, ok := s.store.orders[key]
	if !ok {
		return fmt.Errorf("sandbox: %s %s: %w", svc, id, ErrNotFound)
	}
	delete(s.store.orders, key)
	delete(s.store.sorted, svc)
	if svc == DigiCert {
		for _, c := range o.checks {
			delete(s.store.domains, c.DomainID)
		}
	}
	return nil
}

// State returns the state of an order. Unlike a read of the API it neither counts nor looks at DNS.
func (s *Sandbox) State(svc Service, id ID) (State, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	o, ok := s.store.orders[orderKey{svc, id}]
	if !ok {
		return State{}, fmt.Errorf("sandbox: %s %s: %w", svc, id, ErrNotFound)
	}
	return o.state(), nil
}

// Publish writes the records that an order asks for into the embedded DNS server, as a user would.
func (s *Sandbox) Publish(svc Service, id ID) error {
	state, err := s.State(svc, id)
	if err != nil {
		return err
	}
	type rrset struct{ name, rrtype string }
	sets := map[rrset][]string{}
	for _, c := range state.Challenges {
		if c.Type == "" {
			continue
		}
		data := `"` + c.Value + `"`
		if c.Type == "CNAME" {
			data = c.Value + "."
		}
		key := rrset{c.Name, c.Type}
		if !slices.Contains(sets[key], data) {
			sets[key] = append(sets[key], data)
		}
	}
	for key, data := range sets {
		if err := s.SetRecords(key.name, key.rrtype, data...); err != nil {
			return err
		}
	}
	return nil
}

// state returns the public view of an order. The caller holds the lock.
func (o *order) state() State {
	st := State{Service: o.key.svc, ID: o.key.id, Stage: o.stage, Sample: o.sample, Reads: o.reads}
	for _, c := range o.checks {
		ch := c.Challenge
		ch.Names = slices.Clone(ch.Names)
		st.Challenges = append(st.Challenges, ch)
	}
	return st
}

// read counts a read of the API and places the order when its time has come. The caller holds the lock.
func (o *order) read() {
	o.reads++
	if o.stage == StageUnplaced && o.placeAfter > 0 && o.reads > o.placeAfter {
		now := time.Now().UTC()
		o.place(now)
		o.modified = now
	}
}

// place assigns the first tokens.
func (o *order) place(now time.Time) {
	if o.stage != StageUnplaced {
		return
	}
	for _, c := range o.checks {
		c.assign(o.key.svc, now)
		if o.validated[canonical(c.Domain)] {
			c.validate(now)
		}
	}
	o.settle()
}

// settle derives the stage from the checks.
func (o *order) settle() {
	if o.stage == StageCanceled {
		return
	}
	stage := StageValidated
	if o.stage == StageIssued {
		stage = StageIssued
	}
	for _, c := range o.checks {
		switch c.Status {
		case StatusFailed:
			o.stage = StageFailed
			return
		case StatusPending:
			stage = StageTokenAssigned
		}
	}
	o.stage = stage
}

// validate makes a check validated.
func (c *check) validate(now time.Time) {
	if c.Status == StatusValidated {
		return
	}
	c.Status = StatusValidated
	c.approved = now.Truncate(time.Second)
	c.ValidatedUntil = c.approved.Add(validationReuse)
}
