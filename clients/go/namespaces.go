// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"

	annalsv1 "annals.dev/annals/v1"
)

// CreateNamespace makes a log of its own. [ErrNamespaceExists]; a broken connection is not tried
// again, because that could not be told from it.
func (c *Client) CreateNamespace(ctx context.Context, name string) error {
	_, err := callOnce(ctx, c, "CreateNamespace", &annalsv1.NamespaceRequest{Name: name},
		c.events.CreateNamespace)
	return err
}

// Namespaces are the names of all namespaces.
func (c *Client) Namespaces(ctx context.Context) ([]string, error) {
	response, err := call(ctx, c, "Namespaces", &annalsv1.ListNamespacesRequest{},
		c.events.ListNamespaces)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, namespace := range response.GetNamespaces() {
		names = append(names, namespace.GetName())
	}
	return names, nil
}

// DeleteNamespace deletes a namespace with all its events, for good.
func (c *Client) DeleteNamespace(ctx context.Context, name string) error {
	_, err := callOnce(ctx, c, "DeleteNamespace",
		&annalsv1.DeleteNamespaceRequest{Name: name, Confirm: name}, c.events.DeleteNamespace)
	return err
}
